namespace Replay;

/// <summary>A node does not answer, or is not the process any more that the replay began with: what it held is gone.</summary>
internal sealed class NodeLostException(string message, Exception? inner = null) : Exception(message, inner);

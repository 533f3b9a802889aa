namespace Replay;

/// <summary>The replay cannot begin or go on.</summary>
internal sealed class ReplayException(string message) : Exception(message);

namespace PresenceTracker.SignalR.Http;

/// <param name="Line">From 1, blank lines counted.</param>
internal sealed record LineError(int Line, string Error);

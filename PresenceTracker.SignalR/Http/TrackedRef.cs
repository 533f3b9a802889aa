namespace PresenceTracker.SignalR.Http;

/// <param name="Ref">The presence's ref, as its readers see it in phx_ref.</param>
internal sealed record TrackedRef(string Ref);

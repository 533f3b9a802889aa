using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Enrichment;

/// <summary>
/// Looks up what clients are shown of a key beside its metas, for example the name and the picture of a user: Phoenix's <c>fetch</c>. Register one
/// as a singleton; it is asked by several topics at once.
/// </summary>
/// <remarks>
/// <para>Clients of hubs, of the socket and of the HTTP API get it in states, diffs and lists, of joins and of leaves. What it answers is kept for
/// <see cref="Hubs.PresenceHubOptions.EnricherCacheTime"/> on each node, also that it knows nothing of a key.</para>
/// <para>One that throws, or takes longer than <see cref="Hubs.PresenceHubOptions.EnricherTimeout"/>, holds nobody up: clients get the
/// metas alone, the metric <c>presence.enricher.fallbacks</c> counts it, the log says why, and the topic asks again 5 s later at the
/// earliest.</para>
/// </remarks>
public interface IPresenceEnricher
{
    /// <param name="keys">All that the message to be sent tells of and that have not been looked up lately, each once.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for the answer any more.</param>
    /// <returns>
    /// For each key of which there is something to show, an object whose members are written beside <c>metas</c>; one called so is left out. It
    /// may be as long as a meta.
    /// </returns>
    ValueTask<IReadOnlyDictionary<string, Meta>> FetchAsync(string topic, IReadOnlyCollection<string> keys, CancellationToken cancellationToken);
}

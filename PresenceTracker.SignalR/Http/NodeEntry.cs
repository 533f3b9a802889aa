using System.Globalization;

namespace PresenceTracker.SignalR.Http;

/// <summary>One node in the eyes of the node that answers.</summary>
/// <param name="Incarnation">Which life of the process it is: a counter and the process's random id.</param>
/// <param name="State">up, suspect or down.</param>
/// <param name="Contexts">By shard, how many operations of the node have been applied here.</param>
/// <param name="Lag">Operations of the node that are known of here and not yet applied.</param>
/// <param name="Presences">Presences of the node that are listed here.</param>
/// <param name="Sent">What the node that answers has sent to it.</param>
/// <param name="Received">What the node that answers has received from it.</param>
internal sealed record NodeEntry(
    string Address,
    string Incarnation,
    bool Self,
    string State,
    IReadOnlyList<ulong> Contexts,
    ulong Lag,
    long Presences,
    NodeTraffic Sent,
    NodeTraffic Received)
{
    public static NodeEntry From(NodeStatus status)
    {
        var incarnation = status.Node.Incarnation;
        return new NodeEntry(
            status.Node.Address,
            string.Create(CultureInfo.InvariantCulture, $"{incarnation.Counter}-{incarnation.ProcessId:x16}"),
            status.IsSelf,
            status.State switch { NodeState.Up => "up", NodeState.Suspect => "suspect", _ => "down" },
            status.Contexts,
            status.Lag,
            status.PresenceCount,
            status.Sent,
            status.Received);
    }
}

using System.Globalization;

namespace PresenceTracker.SignalR.Http;

/// <summary>One node in the eyes of the node that answers.</summary>
/// <param name="Incarnation">Which life of the process it is: a counter and the process's random id.</param>
/// <param name="State">up, suspect or down.</param>
/// <param name="Contexts">By shard, how many operations of the node have been applied here.</param>
internal sealed record NodeEntry(string Address, string Incarnation, bool Self, string State, IReadOnlyList<ulong> Contexts)
{
    public static NodeEntry From(NodeStatus status)
    {
        var incarnation = status.Node.Incarnation;
        return new NodeEntry(
            status.Node.Address,
            string.Create(CultureInfo.InvariantCulture, $"{incarnation.Counter}-{incarnation.ProcessId:x16}"),
            status.IsSelf,
            status.State switch { NodeState.Up => "up", NodeState.Suspect => "suspect", _ => "down" },
            status.Contexts);
    }
}

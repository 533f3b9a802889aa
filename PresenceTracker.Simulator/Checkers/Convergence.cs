using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>Whether every node is ready, holds every other as up, and lists exactly what the clients of all nodes have tracked.</summary>
internal static class Convergence
{
    /// <returns>What is still missing; null if nothing is.</returns>
    public static string? Missing(SimulatedCluster cluster)
    {
        var nodes = cluster.Running.ToList();
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            if (!node.IsReady || cluster.Workload.IsBusy(node))
            {
                return $"{node} is {(node.IsReady ? "still answering" : "not ready")}";
            }

            if (MissingMember(node, nodes) is { } member)
            {
                return member;
            }

            foreach (var (id, meta) in cluster.Workload.ExpectedOf(node))
            {
                expected.Add(Line(cluster.Truth.RefOf(node, id) ?? "untracked", id, meta));
            }
        }

        foreach (var lease in cluster.Workload.Leases)
        {
            var refs = nodes.Select(node => cluster.Truth.RefOf(node, lease.Id)).OfType<string>().ToList();
            if (refs.Count != 1)
            {
                return $"{lease.Id} is held by {refs.Count} nodes: {string.Join(", ", refs)}";
            }

            expected.Add(Line(refs[0], lease.Id, lease.Meta));
        }

        return nodes.Select(node => MissingPresence(node, expected)).FirstOrDefault(missing => missing is not null);
    }

    /// <returns>Which node holds one as up or suspect that does not run; null if none does.</returns>
    public static string? Undead(SimulatedCluster cluster)
    {
        var running = new SortedSet<NodeId>(cluster.Running.Select(node => node.Directory.Self));
        return (from node in cluster.Running
                from known in node.Directory.Nodes
                where known.State != MemberState.Down && !running.Contains(known.Record.Node)
                select $"{node} holds {known.Record.Node} as {known.State}").FirstOrDefault();
    }

    /// <returns>Which node does not hold one that runs as up; null if each holds all.</returns>
    public static string? Doubted(SimulatedCluster cluster)
    {
        var nodes = cluster.Running.ToList();
        return nodes.Select(node => MissingMember(node, nodes)).FirstOrDefault(member => member is not null);
    }

    private static string? MissingMember(SimulatedNode node, List<SimulatedNode> nodes)
    {
        foreach (var other in nodes.Where(other => other != node))
        {
            if (!node.Directory.Nodes.Any(known => known.Record.Node == other.Directory.Self && known.State == MemberState.Up))
            {
                return $"{node} does not hold {other} ({other.Directory.Self}) as up, but "
                    + string.Join(", ", node.Directory.Nodes.Select(known => $"{known.Record.Node} as {known.State}"));
            }
        }

        return null;
    }

    private static string? MissingPresence(SimulatedNode node, SortedSet<string> expected)
    {
        var listed = new SortedSet<string>(
            node.Shards.SelectMany(shard => shard.View.Topics).SelectMany(view => view).Select(presence => Line(presence.Ref, presence.Id, presence.Meta)),
            StringComparer.Ordinal);
        return listed.SetEquals(expected)
            ? null
            : $"{node} lacks [{string.Join("; ", expected.Except(listed))}] and lists in excess [{string.Join("; ", listed.Except(expected))}]";
    }

    private static string Line(string @ref, PresenceId id, Meta meta) => $"{@ref} {id.Topic}/{id.Key} {id.Owner} {meta}";
}

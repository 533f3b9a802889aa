using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Simulator.Measurements;
using Xunit;

namespace PresenceTracker.Tests.Overlay;

/// <summary>What must hold for an overlay at any moment, and what once it was left in peace.</summary>
internal sealed class OverlayChecker(OverlayMesh mesh, OverlayOptions options)
{
    private readonly SortedDictionary<NodeId, SortedSet<NodeId>> _told = [];

    /// <summary>How often something of that name was seen.</summary>
    public SortedDictionary<string, int> Seen { get; } = new(StringComparer.Ordinal);

    /// <summary>To be called with each effect: what a core has told of its neighbours is what it holds, and its messages are bounded.</summary>
    public void Check(OverlayMeshNode node, OverlayEffect effect)
    {
        if (!_told.TryGetValue(node.Id, out var told)) _told.Add(node.Id, told = []);

        switch (effect)
        {
            case OverlayEffect.NeighborUp up:
                Assert.True(told.Add(up.Peer), $"{node.Id} tells twice that {up.Peer} is its neighbour");
                break;
            case OverlayEffect.NeighborDown down:
                Assert.True(told.Remove(down.Peer), $"{node.Id} tells that {down.Peer} is its neighbour no more, which it was not");
                break;
            case OverlayEffect.SendMessage send:
                Assert.NotEqual(node.Id.Address, send.To.Address);
                Note(send.Message.GetType().Name);
                CheckSize(send.Message);
                break;
            case OverlayEffect.ReportViolation { Violation: OverlayViolation.Malformed } malformed:
                Assert.Fail($"{node.Id} takes what {malformed.From} sent for malformed");
                break;
        }
    }

    /// <summary>To be called between inputs.</summary>
    public void CheckViews()
    {
        foreach (var node in mesh.Living)
        {
            var (active, passive) = (node.Overlay.ActiveView, node.Overlay.PassiveView);
            Assert.InRange(active.Count, 0, options.ActiveMax);
            Assert.InRange(passive.Count, 0, options.PassiveMax);
            Assert.DoesNotContain(active.Concat(passive), peer => peer.Address == node.Id.Address);
            Assert.Distinct(active.Select(peer => peer.Address));
            Assert.Distinct(passive.Select(peer => peer.Address));
            Assert.Empty(active.Intersect(passive));
            Assert.Equal(_told.GetValueOrDefault(node.Id, []), active.Order());
        }
    }

    /// <summary>To be called when nothing has gone wrong for some cycles.</summary>
    public void CheckRest()
    {
        var living = mesh.Living.ToList();
        foreach (var node in living)
        {
            foreach (var peer in node.Overlay.ActiveView)
            {
                Assert.True(mesh.Find(peer) is { IsAlive: true }, $"{node.Id} holds {peer}, which is dead\n{Describe()}");
                Assert.True(mesh.Find(peer)!.Overlay.ActiveView.Contains(node.Id), $"{node.Id} holds {peer}, which does not hold it\n{Describe()}");
            }
        }

        Assert.True(Apart() is null, $"{Apart()?.Id} is not reached from {living[0].Id}\n{Describe()}");
    }

    /// <summary>A node that is not in one component with the first one.</summary>
    public OverlayMeshNode? Apart()
    {
        var first = mesh.Living.First();
        var reached = new SortedSet<NodeId> { first.Id };
        var open = new Queue<OverlayMeshNode>([first]);
        while (open.TryDequeue(out var node))
        {
            foreach (var peer in node.Overlay.ActiveView.Where(reached.Add))
            {
                if (mesh.Find(peer) is { } next) open.Enqueue(next);
            }
        }

        return mesh.Living.FirstOrDefault(node => !reached.Contains(node.Id));
    }

    private void CheckSize(OverlayMessage message)
    {
        var nodes = message switch
        {
            OverlayMessage.Shuffle shuffle => shuffle.Nodes.Add(shuffle.Origin),
            OverlayMessage.ShuffleReply reply => reply.Nodes,
            _ => [],
        };
        Assert.InRange(nodes.Length, 0, options.ShuffleActive + options.ShufflePassive + 1);
        Assert.Distinct(nodes);
    }

    private void Note(string name) => Seen[name] = Seen.GetValueOrDefault(name) + 1;

    private string Describe() => string.Join('\n', mesh.Living.Select(node =>
        $"{node.Id.Address}: {Names(node.Overlay.ActiveView)} | {Names(node.Overlay.PassiveView)}"));

    private static string Names(IEnumerable<NodeId> nodes) => string.Join(' ', nodes.Select(node => node.Address[4..^5]).Order());
}

using Akka.Actor;
using PresenceTracker.Actors;
using Xunit;

namespace PresenceTracker.Tests.Actors;

public sealed class RemotePeersTests
{
    [Fact]
    public async Task An_address_is_found_at_little_cost_for_as_long_as_it_is_used_and_then_forgotten()
    {
        await using var node = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });
        var peers = new RemotePeers((ExtendedActorSystem)node.System, ReplicaMonitorActor.Name);
        WeakReference? found = null;

        // On a thread of its own, because Akka.Remote keeps some addresses for as long as the thread lives.
        var thread = new Thread(() =>
        {
            var actor = peers.Find("a.example:1");
            Assert.Same(actor, peers.Find("a.example:1"));
            found = new WeakReference(actor);
        });
        thread.Start();
        thread.Join();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(found!.IsAlive);
        GC.KeepAlive(peers);
    }
}

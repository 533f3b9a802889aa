using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>
/// The messages between the nodes of a law's world. Each is compared with the history of its replica when it is made, and what a node
/// holds is compared with it whenever the node claims to be caught up.
/// </summary>
internal sealed class LawNetwork(LawWorld world)
{
    private const int ReplyPartsMax = 4;

    private readonly List<(LawNode To, Dots Dots)> _inFlight = [];

    public void Push(LawNode node)
    {
        var parts = node.Set.OwnOperationsAfter(node.PushedTo);
        Check(node, parts);
        world.Saw(LawSizes.Of(parts, node.PushedTo, node.Set.Context, node.History, world.Options));
        node.PushedTo = node.Set.Context;
        foreach (var other in world.Nodes.Where(other => other != node))
        {
            _inFlight.AddRange(parts.Select(part => (other, part)));
        }
    }

    /// <summary>Asks as the protocol does; the answer is under way.</summary>
    public void Pull(LawNode node, LawNode from, int choice)
    {
        var replica = AnyReplica(node, choice);
        if (node.Set.PositionOf(replica) is { } position)
        {
            _inFlight.AddRange(Serve(from, replica, position, 1 + (choice % ReplyPartsMax)).Select(part => (node, part)));
        }
    }

    /// <summary>Asks from where nobody may ever have stood, so that ranges of all kinds meet.</summary>
    public void PullAnything(LawNode node, LawNode from, int choice)
    {
        var replica = AnyReplica(node, choice);
        var version = world.HistoryOf(replica).Version;
        var context = choice % 3 == 0 ? 0 : (ulong)choice % (version + 1);
        var coveredTo = (ulong)(choice / 3) % (context + 1);
        var position = new PullPosition(context, coveredTo, coveredTo == 0 ? 0 : context + 1 + ((ulong)choice % 3));
        _inFlight.AddRange(Serve(from, replica, position, 1 + (choice % ReplyPartsMax)).Select(part => (node, part)));
    }

    /// <summary>One pull for each replica, answered at once.</summary>
    public void Exchange(LawNode node, LawNode from)
    {
        foreach (var replica in node.Set.LiveReplicas.Where(replica => replica != node.Set.Self).ToList())
        {
            Exchange(node, from, replica);
        }
    }

    public void Exchange(LawNode node, LawNode from, ReplicaId replica)
    {
        if (node.Set.PositionOf(replica) is { } position)
        {
            foreach (var part in Serve(from, replica, position, ReplyPartsMax))
            {
                Apply(node, part);
            }
        }
    }

    public void Transfer(LawAction action, int which, int again)
    {
        if (_inFlight.Count == 0)
        {
            return;
        }

        var index = which % Math.Min(_inFlight.Count, 12);
        var (to, dots) = _inFlight[index];
        if (action != LawAction.Repeat)
        {
            _inFlight.RemoveAt(index);
        }

        world.Saw(action switch
        {
            LawAction.Lose => LawClass.Loss,
            LawAction.Repeat => LawClass.Repetition,
            _ => _inFlight.Take(index).Any(earlier => earlier.To == to && earlier.Dots.Replica == dots.Replica)
                ? LawClass.Disorder
                : LawClass.None,
        });
        if (action != LawAction.Lose)
        {
            Apply(to, dots);
            if (again % 4 == 0)
            {
                ApplyAgain(to, dots);
            }
        }
    }

    /// <summary>What was delayed until everything is over tells nothing new.</summary>
    public void DeliverLeftovers()
    {
        foreach (var (to, dots) in _inFlight)
        {
            ApplyAgain(to, dots);
        }
    }

    public void CheckContents(LawNode node, ReplicaId replica)
    {
        var entries = node.Set.Serve(replica, new PullPosition(0, 0, 0), int.MaxValue).SelectMany(part => part.Entries);
        var live = world.HistoryOf(replica).LiveAt(node.Set.PositionOf(replica)!.Value.Context);
        Assert.True(live.SequenceEqual(entries), "what is caught up holds what was live at its context");
    }

    private static ReplicaId AnyReplica(LawNode node, int choice)
    {
        var replicas = node.Set.Replicas.ToList();
        return replicas[choice / 8 % replicas.Count];
    }

    private void Apply(LawNode to, Dots dots)
    {
        var verdict = to.Set.Apply(dots);
        to.NoteEnded(RemovalCause.Replaced);
        Assert.DoesNotContain(verdict, new[] { ApplyVerdict.Malformed, ApplyVerdict.TooScattered, ApplyVerdict.OwnReplica });
        if (verdict == ApplyVerdict.Applied)
        {
            CheckContents(to, dots.Replica);
        }
    }

    private static void ApplyAgain(LawNode to, Dots dots)
    {
        to.CompleteTurn();
        var events = to.Reader.EventCount;
        var position = to.Set.PositionOf(dots.Replica);
        to.Set.Apply(dots);
        to.CompleteTurn();
        Assert.Equal(events, to.Reader.EventCount);
        Assert.Equal(position, to.Set.PositionOf(dots.Replica));
    }

    private ImmutableArray<Dots> Serve(LawNode from, ReplicaId replica, PullPosition position, int partsMax)
    {
        var parts = from.Set.Serve(replica, position, partsMax);
        Check(from, parts);
        if (from.Set.PositionOf(replica) is { } own && own.Context > position.Context)
        {
            world.Saw(LawSizes.Of(parts, position.Context, own.Context, world.HistoryOf(replica), world.Options));
        }

        return parts;
    }

    private void Check(LawNode from, ImmutableArray<Dots> parts)
    {
        foreach (var part in parts)
        {
            var history = world.HistoryOf(part.Replica);
            Assert.True(part.IsWellFormed(shardCount: null), "a message is well-formed");
            Assert.True(part.Horizon <= history.Version, "the horizon is no higher than the replica ever was");
            Assert.True(LawSizes.BytesOf(part) <= world.Options.MessageBytesMax, "a message keeps to its limit");
            var isWhole = history.LiveThrough(part.AsOf, part.Horizon).Where(IsIn).All(part.Entries.Contains);
            Assert.True(isWhole, "a message names what was live at its version and still at its horizon");
            Assert.True(part.Entries.All(history.LiveAt(part.AsOf).ToList().Contains), "a message names only what was live at its version");
            if (part.IsDelta)
            {
                Assert.True(history.RemovalsIn(part.From, part.To).SequenceEqual(part.Removals), "a delta names every removal");
            }

            bool IsIn(Presence presence) => presence.Dot > part.From && presence.Dot <= part.To;
        }

        if (parts.Any(part => part.Replica != from.Set.Self)) world.Saw(LawClass.Relay);
    }
}

using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using Xunit;

namespace PresenceTracker.Tests.Membership;

/// <summary>
/// What must hold for the effects of one core in every run: each change of a node makes sense after the one before, and a life that was
/// superseded, or removed without a refutation since, never comes back.
/// </summary>
internal sealed class EffectChecker
{
    private static readonly TimeSpan RecordLifetime = TimeSpan.FromHours(24);

    private readonly SortedDictionary<string, (NodeId Node, MemberState State, ulong Refutation)> _nodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, MonotonicTime> _removals = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ulong> _epochs = new(StringComparer.Ordinal);
    private bool _isAnnounceable;
    private bool _isStopped;

    public void Check(MembershipEffect effect, MonotonicTime now)
    {
        Assert.False(_isStopped, $"{effect} after the stop");
        switch (effect)
        {
            case MembershipEffect.NodeUp up:
                CheckUp(up.Node, now);
                break;
            case MembershipEffect.NodeSuspected suspected:
                Change(suspected.Node, MemberState.Suspect, MemberState.Up);
                break;
            case MembershipEffect.NodeTrusted trusted:
                Change(trusted.Node, MemberState.Up, MemberState.Suspect);
                break;
            case MembershipEffect.NodeDown down:
                Change(down.Node, MemberState.Down, MemberState.Up, MemberState.Suspect);
                break;
            case MembershipEffect.NodeReturned returned:
                Change(returned.Node.Node, MemberState.Up, MemberState.Down);
                break;
            case MembershipEffect.NodeRemoved removed:
                Change(removed.Node, MemberState.Removed, MemberState.Up, MemberState.Suspect, MemberState.Down);
                _removals[removed.Node.Address] = now;
                break;
            case MembershipEffect.NodeRenamed renamed:
                CheckRenamed(renamed);
                break;
            case MembershipEffect.EpochRaised raised:
                CheckEpoch(raised);
                break;
            case MembershipEffect.Announceable:
                Assert.False(_isAnnounceable, "announceable twice");
                _isAnnounceable = true;
                break;
            case MembershipEffect.SelfRaised raised:
                Assert.True(_isAnnounceable, "raised visibly before it was announceable");
                Assert.True(raised.Node.Supersedes(raised.Old));
                break;
            case MembershipEffect.StopNode:
                _isStopped = true;
                break;
            default:
                break;
        }
    }

    private void CheckUp(NodeRecord record, MonotonicTime now)
    {
        if (_nodes.TryGetValue(record.Node.Address, out var known))
        {
            Assert.Equal(MemberState.Removed, known.State);
            var isNews = now - _removals[record.Node.Address] >= RecordLifetime
                || record.Node.Supersedes(known.Node)
                || (record.Node == known.Node && record.Refutation > known.Refutation);
            Assert.True(isNews, $"{record.Node} came back at refutation {record.Refutation} after {known}");
        }

        _nodes[record.Node.Address] = (record.Node, MemberState.Up, record.Refutation);
    }

    private void CheckRenamed(MembershipEffect.NodeRenamed renamed)
    {
        var known = _nodes[renamed.Old.Address];
        Assert.Equal(renamed.Old, known.Node);
        Assert.NotEqual(MemberState.Removed, known.State);
        Assert.True(renamed.Node.Node.Supersedes(renamed.Old));
        Assert.Equal(renamed.Old.Incarnation.ProcessId, renamed.Node.Node.Incarnation.ProcessId);
        _nodes[renamed.Old.Address] = (renamed.Node.Node, known.State, renamed.Node.Refutation);
    }

    private void CheckEpoch(MembershipEffect.EpochRaised raised)
    {
        Assert.Equal(_nodes[raised.Node.Address].Node, raised.Node);
        var key = $"{raised.Node.Address} {raised.Node.Incarnation.ProcessId} {raised.Epoch.Shard}";
        Assert.True(!_epochs.TryGetValue(key, out var epoch) || (ulong)raised.Epoch.Epoch > epoch, $"{raised} after epoch {epoch}");
        _epochs[key] = (ulong)raised.Epoch.Epoch;
    }

    private void Change(NodeId node, MemberState to, params MemberState[] from)
    {
        var known = _nodes[node.Address];
        Assert.Equal(known.Node, node);
        Assert.Contains(known.State, from);
        _nodes[node.Address] = known with { State = to };
    }
}

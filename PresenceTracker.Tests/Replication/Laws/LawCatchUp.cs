using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>A node that knew some early version pulls from one that goes on writing.</summary>
internal sealed class LawCatchUp
{
    private readonly LawCatchUpCase _case;
    private readonly Prng _prng;
    private readonly PresenceSet _origin;
    private readonly ReplicaHistory _history;
    private readonly LawState _relay;
    private readonly LawState _receiver;
    private LawClass _seen;
    private int _refs;

    public LawCatchUp(LawCatchUpCase one)
    {
        _case = one;
        _prng = new Prng(one.Seed);
        var options = new PresenceSetOptions
        {
            OperationLogBytesMax = one.LogRemovals * OperationLog.BytesPerRemoval,
            MessageBytesMax = one.MessageBytes,
        };
        _origin = new PresenceSet(new ReplicaId(new NodeId("origin", new Incarnation(1, 1)), LawWorld.Shard, 0), options);
        _history = new ReplicaHistory(_origin.Self);
        _relay = new LawState([_history], options, _ => { });
        _receiver = new LawState([_history], options, seen => _seen |= seen);
    }

    public LawClass Run()
    {
        for (var i = 0; i < _case.Presences; i++)
        {
            if (i == _case.KnownAtStart) _receiver.Merge(_origin);
            Track($"k{i:d2}");
        }

        // From here on only chunks help whoever has nothing newer.
        for (var i = 0; i <= _case.LogRemovals; i++)
        {
            Update();
        }

        var began = _history.Version;
        _relay.Merge(_origin);
        for (var pull = 0; !Pull(); pull++)
        {
            // Each answer has an entry at least that none before had.
            Assert.True(pull <= _case.Presences, "the catch-up does not end");
            for (var i = 0; i < _case.OperationsPerPull; i++)
            {
                Change();
            }
        }

        _receiver.CheckContents();
        Assert.Equal(
            _history.LiveAt(_history.Version).Select(LawReader.TextOf).Order(StringComparer.Ordinal),
            _receiver.Listed.Select(LawReader.TextOf).Order(StringComparer.Ordinal));
        if (_history.RemovalsIn(began, _history.Version).Count() > _case.LogRemovals) _seen |= LawClass.LogOutrun;
        return _seen;
    }

    /// <summary>Whether the receiver is now as new as what it asked.</summary>
    private bool Pull()
    {
        if (_case.IsRelayed)
        {
            _relay.Merge(_origin);
            _seen |= LawClass.Relay;
        }

        // A message holds one operation at least, and one more is for the next chunk: the least that keeps up and makes progress.
        var partsMax = _case.OperationsPerPull + 1;
        foreach (var part in _receiver.Pull(_case.IsRelayed ? _relay.Set : _origin, _history, partsMax))
        {
            _receiver.Apply(part);
        }

        return _receiver.Set.PositionOf(_origin.Self)!.Value.Context == _history.Version;
    }

    private void Change()
    {
        switch (_prng.Next(4))
        {
            case 0:
                Track($"x{_refs:d2}");
                break;
            case 1 when _history.LiveAt(_history.Version).Count() > 1:
                var presence = AnyLive();
                _origin.Untrack(presence.Id, RemovalCause.Untracked);
                _history.Remove(presence, RemovalCause.Untracked);
                break;
            default:
                Update();
                break;
        }
    }

    private void Track(string key)
    {
        var id = new PresenceId("t0", key, "p");
        _origin.Track(id, NextRef(), LawWorld.Metas[0], TimeSpan.Zero);
        _history.Write(_origin.Own(id)!);
    }

    private void Update()
    {
        var presence = AnyLive();
        var digit = (presence.Meta.ToString()[5] - '0' + 1) % 10;
        _origin.Update(presence.Id, NextRef(), LawWorld.Metas[digit]);
        _history.Replace(presence, _origin.Own(presence.Id)!);
        _seen |= LawClass.Update;
    }

    private Presence AnyLive()
    {
        var live = _history.LiveAt(_history.Version).ToList();
        return live[_prng.Next(live.Count)];
    }

    private string NextRef() => $"r{_refs++:d3}";
}

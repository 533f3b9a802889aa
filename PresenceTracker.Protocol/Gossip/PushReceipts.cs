using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// The receiver's side of the flow control of pushes from one peer: acknowledges cumulatively what the shards are done with. Shards finish in
/// any order, so the acknowledgement waits for the lowest push that is still with one.
/// </summary>
/// <remarks>
/// Messages between two nodes stay in order. So a number that is missed is lost for good, and a number that does not rise means that the
/// sender has forgotten us in between and counts from 1 again.
/// </remarks>
internal sealed class PushReceipts(GossipOptions options, NodeId from, TokenSource tokens)
{
    // More than a window holds of the smallest pushes.
    private const int UnhandledMax = 8_192;

    private readonly SortedDictionary<ulong, int> _unhandled = [];
    private ulong _highest;
    private ulong _acknowledged;
    private int _handledBytes;
    private ulong? _timer;

    private ulong Acknowledgeable => _unhandled.Count == 0 ? _highest : _unhandled.First().Key - 1;

    /// <returns>False, and nothing changed, if no correct peer would send it.</returns>
    public bool Receive(ulong number, int bytes)
    {
        if (number == 0 || (_unhandled.Count >= UnhandledMax && number > _highest))
        {
            return false;
        }

        RestartUnless(number > _highest);
        _highest = number;
        _unhandled.Add(number, bytes);
        return true;
    }

    /// <summary>A shard is done with the push.</summary>
    public void Handle(ulong number, List<GossipEffect> effects)
    {
        if (!_unhandled.Remove(number, out var bytes))
        {
            return;
        }

        _handledBytes += bytes;
        if (Acknowledgeable <= _acknowledged)
        {
            return;
        }

        if (_handledBytes >= options.AckBytesMax)
        {
            Send(effects);
        }
        else if (_timer is null)
        {
            _timer = tokens.Next();
            effects.Add(new GossipEffect.ScheduleTimer(new GossipTimer.AckDue(from, _timer.Value), options.AckDelay));
        }
    }

    /// <summary>The sender says that <paramref name="lastPush"/> was its last and that it still waits: what has not arrived by now is lost.</summary>
    public void Expect(ulong lastPush, List<GossipEffect> effects)
    {
        if (lastPush == 0)
        {
            return;
        }

        RestartUnless(lastPush >= _highest);
        _highest = lastPush;
        if (Acknowledgeable > 0)
        {
            // Even when nothing is new: the last acknowledgement may have been lost.
            Send(effects);
        }
    }

    public void TimerFired(ulong token, List<GossipEffect> effects)
    {
        if (token != _timer)
        {
            return;
        }

        Send(effects);
    }

    private void RestartUnless(bool isRising)
    {
        if (isRising)
        {
            return;
        }

        _unhandled.Clear();
        _acknowledged = 0;
        _handledBytes = 0;
        _timer = null;
    }

    private void Send(List<GossipEffect> effects)
    {
        _timer = null;
        _handledBytes = 0;
        _acknowledged = Acknowledgeable;
        effects.Add(new GossipEffect.SendMessage(from, new GossipMessage.PushAck(_acknowledged)));
    }
}

using System.Threading.Channels;

namespace Replay;

/// <summary>
/// Some of the users: their changes go to one node, in order. Several lanes write at once. When its node is lost, the lane moves to the
/// next one, and tracks there everybody who was present.
/// </summary>
internal sealed class Lane(int home, IReadOnlyList<Node> nodes)
{
    private const int BatchMax = 256;

    private readonly Channel<Change> _changes = Channel.CreateBounded<Change>(BatchMax);
    private readonly HashSet<RoomUser> _present = [];
    private int _node = home;

    /// <summary>Waits while the lane has enough to do.</summary>
    public async ValueTask AddAsync(Change change)
    {
        try
        {
            await _changes.Writer.WriteAsync(change);
        }
        catch (ChannelClosedException closed) when (closed.InnerException is ReplayException fault)
        {
            throw new ReplayException(fault.Message);
        }
    }

    public void Complete() => _changes.Writer.Complete();

    /// <summary>Writes until <see cref="Complete"/> was called and all is written.</summary>
    public async Task RunAsync()
    {
        try
        {
            List<Change> batch = [];
            while (await _changes.Reader.WaitToReadAsync())
            {
                while (batch.Count < BatchMax && _changes.Reader.TryRead(out var change))
                {
                    batch.Add(change);
                }

                await WriteAsync(batch);
                batch.Clear();
            }
        }
        catch (Exception fault)
        {
            // Who adds to the lane is told too, instead of waiting for ever.
            _changes.Writer.TryComplete(fault);
            throw;
        }
    }

    /// <summary>Writes to a node that is there. What a lost node may or may not have taken is written again, which comes to the same.</summary>
    public async Task WriteAsync(IReadOnlyCollection<Change> batch)
    {
        while (true)
        {
            try
            {
                if (nodes[_node].IsLost)
                {
                    await MoveAsync();
                }

                await WriteAsync(nodes[_node], batch);
                break;
            }
            catch (NodeLostException)
            {
                // The next turn of the loop moves.
            }
        }

        foreach (var change in batch)
        {
            _ = change.IsJoin ? _present.Add(change.Who) : _present.Remove(change.Who);
        }
    }

    // Joins are sent together; one that is followed by its user's leave is sent before that.
    private static async Task WriteAsync(Node node, IReadOnlyCollection<Change> batch)
    {
        HashSet<RoomUser> joins = [];
        foreach (var (_, who, isJoin) in batch)
        {
            if (isJoin)
            {
                joins.Add(who);
                continue;
            }

            if (joins.Contains(who))
            {
                await node.TrackAsync(joins);
                joins.Clear();
            }

            await node.UntrackAsync(who);
        }

        if (joins.Count > 0)
        {
            await node.TrackAsync(joins);
        }
    }

    private async Task MoveAsync()
    {
        if (nodes.All(node => node.IsLost))
        {
            throw new ReplayException("no node answers any more");
        }

        while (nodes[_node].IsLost)
        {
            _node = (_node + 1) % nodes.Count;
        }

        if (_present.Count > 0)
        {
            await nodes[_node].TrackAsync(_present);
        }
    }
}

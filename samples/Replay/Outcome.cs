namespace Replay;

/// <summary>What must hold at the end: every node lists what the trace folds to, and so does every event stream.</summary>
internal sealed class Outcome(
    IReadOnlyList<Node> nodes, IReadOnlyDictionary<(Node Node, string Room), RoomStream> streams, TimeSpan patience)
{
    private const int UsersShownMax = 5;

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(50);

    /// <returns>What differs after some patience; null if nothing does.</returns>
    public async Task<string?> DifferenceAsync(ILookup<string, string> expected)
    {
        using var enough = new CancellationTokenSource(patience);
        using var asking = new PeriodicTimer(AskAgainAfter);
        while (true)
        {
            var difference = await DifferenceNowAsync(expected);
            if (difference is null || enough.IsCancellationRequested)
            {
                return difference;
            }

            await asking.WaitForNextTickAsync();
        }
    }

    private async Task<string?> DifferenceNowAsync(ILookup<string, string> expected)
    {
        foreach (var node in nodes)
        {
            foreach (var room in Trace.Rooms)
            {
                try
                {
                    using var answer = await node.ListAsync(room);
                    if (Difference(node, room, RoomState.Of(answer.RootElement), [.. expected[room]]) is { } difference)
                    {
                        return difference;
                    }
                }
                catch (NodeLostException lost)
                {
                    return lost.Message;
                }
            }
        }

        return null;
    }

    private string? Difference(Node node, string room, RoomState list, string[] expected)
    {
        var stream = streams[(node, room)];
        return Named("lists, though they are not there,", list.Users.Except(expected))
            ?? Named("does not list", expected.Except(list.Users))
            ?? Named("lists more than once", list.Doubles)
            ?? (stream.IsEqualTo(list) ? null : $"{node.Name}, {room}: the diffs of the event stream do not fold to the list")
            ?? (stream.Fault is { } fault ? $"{node.Name}, {room}: the event stream {fault}" : null);

        string? Named(string what, IEnumerable<string> users)
        {
            var all = users.ToList();
            return all.Count == 0 ? null : $"{node.Name}, {room}: {what} {all.Count} users: {string.Join(", ", all.Take(UsersShownMax))}";
        }
    }
}

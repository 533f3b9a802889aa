using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Replay;

/// <summary>Plays the trace into a running cluster, and compares what comes of it with what the trace folds to.</summary>
internal sealed class Player(ReplayOptions options, TextWriter output)
{
    private const int LanesPerNode = 8;

    // Half of the lease: only replays of less than 730 times the speed of 2014 take so long.
    private static readonly TimeSpan RenewAfter = TimeSpan.FromHours(12);

    private static readonly TimeSpan BeginPatience = TimeSpan.FromSeconds(10);

    private readonly HashSet<RoomUser> _present = [];

    /// <summary>How long the nodes may take to be equal: one that was killed is noticed by its silence, and listed until then.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <returns>Whether all nodes and all event streams came to the same as the trace.</returns>
    public async Task<bool> RunAsync()
    {
        var nodes = options.Nodes.Select(url => new Node(url, options.ApiKey)).ToList();
        try
        {
            return await RunAsync(nodes);
        }
        catch (NodeLostException absent)
        {
            throw new ReplayException(absent.Message);
        }
        finally
        {
            nodes.ForEach(node => node.Dispose());
        }
    }

    private async Task<bool> RunAsync(List<Node> nodes)
    {
        await Task.WhenAll(nodes.Select(node => node.StartAsync()));
        await EmptyAsync(nodes);

        using var end = new CancellationTokenSource();
        var streams = nodes.SelectMany(_ => Trace.Rooms, (node, room) => (node, room))
            .ToDictionary(at => at, at => new RoomStream(at.node, at.room));
        var following = streams.Values.Select(stream => stream.FollowAsync(end.Token)).ToList();
        await BeginAsync(streams.Values);

        var lanes = Enumerable.Range(0, LanesPerNode * nodes.Count).Select(lane => new Lane(lane % nodes.Count, nodes)).ToList();
        var writing = lanes.Select(lane => lane.RunAsync()).ToList();
        var progress = await PlayAsync(lanes, nodes);
        lanes.ForEach(lane => lane.Complete());
        await Task.WhenAll(writing);

        // Lanes that had nothing to write since their node was lost move now.
        await Task.WhenAll(lanes.Select(lane => lane.WriteAsync([])));
        output.WriteLine($"\n{progress.Events:N0} events in {progress.Elapsed.TotalSeconds:F1} s, {progress.EventsPerSecond:N0} events/s");

        var written = Stopwatch.GetTimestamp();
        var difference = await new Outcome(nodes, streams, Patience).DifferenceAsync(_present.ToLookup(who => who.Room, who => who.User));
        output.WriteLine(difference is null
            ? $"Equal {Stopwatch.GetElapsedTime(written).TotalSeconds:F1} s later: {nodes.Count} nodes list the {_present.Count:N0} presences " +
              $"that the trace folds to, and {streams.Count} event streams by {streams.Values.Sum(stream => stream.DiffCount):N0} diffs."
            : $"NOT EQUAL: {difference}");
        await end.CancelAsync();
        await Task.WhenAll(following);
        return difference is null;
    }

    private static async Task BeginAsync(IEnumerable<RoomStream> streams)
    {
        try
        {
            await Task.WhenAll(streams.Select(stream => stream.Began)).WaitAsync(BeginPatience);
        }
        catch (TimeoutException)
        {
            throw new ReplayException($"not every event stream has told its room's state within {BeginPatience.TotalSeconds} s");
        }
    }

    // A replay before this one may have left its presences.
    private static async Task EmptyAsync(List<Node> nodes)
    {
        foreach (var (node, room) in nodes.SelectMany(_ => Trace.Rooms, (node, room) => (node, room)))
        {
            using var answer = await node.ListAsync(room);
            foreach (var user in RoomState.Of(answer.RootElement).Users)
            {
                await node.UntrackAsync(new RoomUser(room, user));
            }
        }
    }

    private async Task<ProgressBar> PlayAsync(List<Lane> lanes, List<Node> nodes)
    {
        var events = Trace.Events(options.Days).ToList();
        var progress = new ProgressBar(output, events.Count);
        var renewed = TimeSpan.Zero;
        foreach (var changes in events)
        {
            if (options.Speed is { } speed && TimeSpan.FromMinutes(changes[0].Minute / speed) - progress.Elapsed is { Ticks: > 0 } early)
            {
                await Task.Delay(early);
            }

            if (progress.Elapsed - renewed > RenewAfter)
            {
                renewed = progress.Elapsed;
                await AddAsync(lanes, [.. _present.Select(who => new Change(changes[0].Minute, who, IsJoin: true))]);
            }

            await AddAsync(lanes, changes);
            progress.Step(changes[0].Minute, string.Concat(nodes.Where(node => node.IsLost).Select(node => $"{node.Name} was lost ")));
        }

        return progress;
    }

    private async Task AddAsync(List<Lane> lanes, IReadOnlyCollection<Change> changes)
    {
        foreach (var change in changes)
        {
            _ = change.IsJoin ? _present.Add(change.Who) : _present.Remove(change.Who);
            await lanes[LaneOf(change.Who.User, lanes.Count)].AddAsync(change);
        }
    }

    // The same in every run, unlike GetHashCode.
    private static int LaneOf(string user, int lanes) =>
        (int)(BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(user))) % (uint)lanes);
}

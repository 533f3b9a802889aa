using System.Diagnostics;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>
/// Lists one topic again and again on a thread of its own, and measures what each call takes inside the process, from when the node knows as many
/// nodes as it is told to wait for.
/// </summary>
internal sealed class TimedReads : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly ManualResetEventSlim _stop = new();
    private readonly List<TimeSpan> _times = [];
    private readonly Thread _thread;

    public TimedReads(Tracker tracker, string topic, int fromNodes)
    {
        _thread = new Thread(() => Run(tracker, topic, fromNodes)) { IsBackground = true };
        _thread.Start();
    }

    public NodeReply.ReadTimes Stop()
    {
        _stop.Set();
        _thread.Join();
        _times.Sort();
        return _times.Count == 0
            ? new NodeReply.ReadTimes(0, default, default, default)
            : new NodeReply.ReadTimes(_times.Count, At(0.5), At(0.99), _times[^1]);
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run(Tracker tracker, string topic, int fromNodes)
    {
        var counts = false;
        do
        {
            var began = Stopwatch.GetTimestamp();
            var listed = tracker.List(topic).ToList();
            var took = Stopwatch.GetElapsedTime(began);
            GC.KeepAlive(listed);
            counts = counts || tracker.Nodes.Count >= fromNodes;
            if (counts)
            {
                _times.Add(took);
            }
        }
        while (!_stop.Wait(Pause));
    }

    private TimeSpan At(double share) => _times[(int)((_times.Count - 1) * share)];
}

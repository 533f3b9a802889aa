using System.Diagnostics;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>Lists one topic again and again on a thread of its own, and measures what each call takes inside the process.</summary>
internal sealed class TimedReads : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly ManualResetEventSlim _stop = new();
    private readonly List<TimeSpan> _times = [];
    private readonly Thread _thread;

    public TimedReads(Tracker tracker, string topic)
    {
        _thread = new Thread(() => Run(tracker, topic)) { IsBackground = true };
        _thread.Start();
    }

    public NodeReply.ReadTimes Stop()
    {
        _stop.Set();
        _thread.Join();
        _times.Sort();
        return new NodeReply.ReadTimes(_times.Count, At(0.5), At(0.99), _times[^1]);
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run(Tracker tracker, string topic)
    {
        do
        {
            var began = Stopwatch.GetTimestamp();
            var listed = tracker.List(topic).ToList();
            _times.Add(Stopwatch.GetElapsedTime(began));
            GC.KeepAlive(listed);
        }
        while (!_stop.Wait(Pause));
    }

    private TimeSpan At(double share) => _times[(int)((_times.Count - 1) * share)];
}

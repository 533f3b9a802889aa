using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using PresenceTracker.Actors;

namespace PresenceTracker.Discovery;

/// <summary>
/// Looks in every way there is for nodes, again and again, and tells the monitor, whose child it is, where to greet. What cannot be found at present is what was found
/// last: a name server that is down takes no seed away.
/// </summary>
internal sealed class DiscoveryActor : ReceiveActor, IWithTimers
{
    public const string Name = "discovery";

    /// <summary>So many looks from the start come each second: others may start at the same moment, and be found a little later.</summary>
    public const int EagerLooks = 10;

    private static readonly TimeSpan EagerInterval = TimeSpan.FromSeconds(1);

    private readonly NodeRuntime _runtime;
    private readonly NodeOptions _options;
    private readonly ImmutableArray<DiscoveryWay> _ways;
    private readonly CancellationTokenSource _ending = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Discovered _told = new([], AwaitsMore: true);

    public DiscoveryActor(NodeRuntime runtime, NodeOptions options)
    {
        _runtime = runtime;
        _options = options;
        _ways = [.. options.Discoveries.Select(discovery => new DiscoveryWay(discovery))];
        Receive<LookDue>(due => Look(_ways[due.Way]));
        Receive<Looked>(looked => Take(looked.Way, looked.Finding));
        Receive<Status.Failure>(failure => throw new InvalidOperationException("a way to find nodes has failed", failure.Cause));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var self = Self;
        foreach (var (index, way) in _ways.Index())
        {
            // Whatever the world does, one such message waits at most.
            way.Discovery.Begin(() =>
            {
                if (way.TryClaimHint())
                {
                    self.Tell(new LookDue(index));
                }
            });
            Look(way);
        }
    }

    protected override void PostStop()
    {
        _ending.Cancel();
        _ending.Dispose();
        foreach (var way in _ways)
        {
            way.Discovery.Dispose();
        }
    }

    private void Look(DiscoveryWay way)
    {
        way.ForgetHint();
        if (way.IsLooking)
        {
            way.LooksAgain = true;
            return;
        }

        way.IsLooking = true;
        way.LooksAgain = false;
        way.Looks++;
        way.Discovery.LookAsync(_ending.Token).PipeTo(Self, success: finding => new Looked(way, finding));
    }

    private void Take(DiscoveryWay way, Finding finding)
    {
        way.IsLooking = false;
        foreach (var fault in finding.Faults)
        {
            _runtime.Metrics.DiscoveryFailed(way.Discovery.Source, fault);
        }

        if (way.IsNews(finding.Faults) is { } news)
        {
            _log.Warning("Of {0}: {1}", way.Discovery.Name, news);
        }

        way.Found = finding.Addresses ?? way.Found;
        TellMonitor();
        if (way.LooksAgain)
        {
            Look(way);
        }
        else
        {
            var index = _ways.IndexOf(way);
            var isEager = way.Looks < EagerLooks && EagerInterval < _options.DiscoveryInterval;
            Timers.StartSingleTimer(index, new LookDue(index), isEager ? EagerInterval : _options.DiscoveryInterval);
        }
    }

    private void TellMonitor()
    {
        ImmutableArray<string> all =
            [.. _ways.SelectMany(way => way.Found ?? []).Distinct(StringComparer.Ordinal).Take(_options.Membership.AddressesMax)];
        var hasOthers = all.Any(address => address != _runtime.StartedAs.Address);
        var found = new Discovered(all, AwaitsMore: !hasOthers && _ways.Any(way => way.Found is null));
        if (found.AwaitsMore == _told.AwaitsMore && found.Addresses.SequenceEqual(_told.Addresses, StringComparer.Ordinal))
        {
            return;
        }

        _log.Info("Nodes may be at [{0}]", string.Join(", ", all));
        _told = found;
        Context.Parent.Tell(found);
    }

    private sealed record LookDue(int Way);

    private sealed record Looked(DiscoveryWay Way, Finding Finding);
}

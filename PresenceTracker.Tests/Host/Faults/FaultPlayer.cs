using PresenceTracker.Tests.Cluster.Network;
using PresenceTracker.Tests.Host.Processes;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>Does to the Hosts of a cluster what a schedule says, and records it.</summary>
internal sealed class FaultPlayer(HostCluster cluster, CutNetwork network, History history)
{
    /// <summary>Calm and faults in turn, until the time has passed and all that was begun is over.</summary>
    public async Task PlayAsync(FaultSchedule schedule, TimeSpan length)
    {
        var end = history.Now + length;
        while (history.Now < end)
        {
            await Pace.LastsAsync(schedule.NextCalm());
            await Task.WhenAll(schedule.Next().Select(PlayAsync));
        }
    }

    private async Task PlayAsync(HostFault fault)
    {
        var began = history.Now;
        await StrikeAsync(fault);
        history.Add(new Disturbance(fault.Kind, fault.Host, fault.Other, new Span(began, history.Now)));
    }

    private async Task StrikeAsync(HostFault fault)
    {
        var host = cluster.Hosts[fault.Host];
        switch (fault.Kind)
        {
            case HostFaultKind.KillAndRestart or HostFaultKind.KillAndRestartLate:
                await host.KillAsync();
                await Pace.LastsAsync(fault.Lasts);
                await (await cluster.RestartAsync(host)).ReadyAsync();
                break;
            case HostFaultKind.TerminateAndRestart:
                host.Terminate();
                await host.ExitedAsync();
                await (await cluster.RestartAsync(host)).ReadyAsync();
                break;
            case HostFaultKind.Pause:
                host.Pause();
                await Pace.LastsAsync(fault.Lasts);
                host.Resume();
                break;
            default:
                var (one, other) = (PortOf(host), PortOf(cluster.Hosts[fault.Other!.Value]));
                network.Cut(one, [other], fault.Kind == HostFaultKind.CutByReset ? CutManner.Reset : CutManner.Swallow);
                await Pace.LastsAsync(fault.Lasts);
                network.Heal(one, other);
                break;
        }
    }

    private static int PortOf(HostProcess host) => new Uri($"tcp://{host.NodeAddress}").Port;
}

using PresenceTracker.Tests.Cluster.Network;
using PresenceTracker.Tests.Host.Processes;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>Does to the Hosts of a cluster what a schedule says, and records it.</summary>
internal sealed class FaultPlayer(HostCluster cluster, CutNetwork network, History history)
{
    // So long the backends have all to themselves before the first fault.
    private static readonly TimeSpan Beginning = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Faults and calm in turn until the time has passed, calm at the end: what a fault leaves behind until the next write comes, nobody may be
    /// blamed for, and a request without an answer has its effect by then or never.
    /// </summary>
    public async Task PlayAsync(FaultSchedule schedule, TimeSpan length)
    {
        var end = history.Now + length;
        await Pace.LastsAsync(Beginning);
        do
        {
            await Task.WhenAll(schedule.Next().Select(PlayAsync));
            await Pace.LastsAsync(schedule.NextCalm());
        }
        while (history.Now < end);
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
                var one = PortOf(host);
                var ends = fault.Other is not { } end ? cluster.Hosts.Where(other => other != host) : [cluster.Hosts[end]];
                int[] others = [.. ends.Select(PortOf)];
                network.Cut(one, others, fault.Kind == HostFaultKind.CutByReset ? CutManner.Reset : CutManner.Swallow);
                await Pace.LastsAsync(fault.Lasts);
                Array.ForEach(others, other => network.Heal(one, other));
                break;
        }
    }

    private static int PortOf(HostProcess host) => new Uri($"tcp://{host.NodeAddress}").Port;
}

using PresenceTracker.Tests.Cluster.Network;
using PresenceTracker.Tests.Host.Processes;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>Does to the Hosts of a cluster what a schedule says, at most two things at a time, and records it.</summary>
internal sealed class FaultPlayer(HostCluster cluster, CutNetwork network, History history)
{
    private const int AtOnceMax = 2;

    private readonly HashSet<int> _struck = [];

    /// <summary>Until the time has passed and all that was begun is over.</summary>
    public async Task PlayAsync(FaultSchedule schedule, TimeSpan length)
    {
        List<Task> playing = [];
        var end = history.Now + length;
        while (history.Now < end)
        {
            var fault = schedule.Next();
            await Task.Delay(fault.After);
            while (playing.Count >= AtOnceMax)
            {
                var over = await Task.WhenAny(playing);
                playing.Remove(over);
                await over;
            }

            int[] free = [.. fault.Hosts.Where(host => !_struck.Contains(host))];
            int[] hosts = fault.Kind is HostFaultKind.CutByReset or HostFaultKind.CutBySwallowing ? free[..2] : free[..1];
            _struck.UnionWith(hosts);
            playing.Add(PlayAsync(fault, hosts));
        }

        await Task.WhenAll(playing);
    }

    private async Task PlayAsync(HostFault fault, int[] hosts)
    {
        var began = history.Now;
        await StrikeAsync(fault, hosts);
        history.Add(new Disturbance(fault.Kind, hosts[0], hosts.Length > 1 ? hosts[1] : null, new Span(began, history.Now)));
        _struck.ExceptWith(hosts);
    }

    private async Task StrikeAsync(HostFault fault, int[] hosts)
    {
        var host = cluster.Hosts[hosts[0]];
        switch (fault.Kind)
        {
            case HostFaultKind.KillAndRestart or HostFaultKind.KillAndRestartLate:
                await host.KillAsync();
                await Task.Delay(fault.Lasts);
                await (await cluster.RestartAsync(host)).ReadyAsync();
                break;
            case HostFaultKind.TerminateAndRestart:
                host.Terminate();
                await host.ExitedAsync();
                await (await cluster.RestartAsync(host)).ReadyAsync();
                break;
            case HostFaultKind.Pause:
                host.Pause();
                await Task.Delay(fault.Lasts);
                host.Resume();
                break;
            default:
                var (one, other) = (PortOf(host), PortOf(cluster.Hosts[hosts[1]]));
                network.Cut(one, [other], fault.Kind == HostFaultKind.CutByReset ? CutManner.Reset : CutManner.Swallow);
                await Task.Delay(fault.Lasts);
                network.Heal(one, other);
                break;
        }
    }

    private static int PortOf(HostProcess host) => new Uri($"tcp://{host.NodeAddress}").Port;
}

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using PresenceTracker.Errors;

namespace PresenceTracker.Host;

/// <summary>
/// Says in one line what has started, and ends the process when its tracker has stopped otherwise than with it: a node without a tracker
/// would answer with what was, for ever.
/// </summary>
internal sealed partial class NodeWatch(Tracker tracker, IServer server, IHostApplicationLifetime lifetime, ILogger<NodeWatch> logger)
    : BackgroundService
{
    /// <summary>Whether the process ends because its tracker could not go on.</summary>
    public bool HasFailed { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        try
        {
            await tracker.Ready.WaitAsync(stoppingToken);
            Started(HostProgram.Name, HostProgram.Version, Addresses(), tracker.Self.Address, tracker.Settings.ClusterName, Company());
        }
        catch (TrackerStoppedException)
        {
            // The tracker itself says why.
        }

        await tracker.Stopped.WaitAsync(stoppingToken);
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            HasFailed = true;
            lifetime.StopApplication();
        }
    }

    private string Addresses() => string.Join(", ", server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses);

    private string Company()
    {
        var others = tracker.Nodes.Where(node => !node.IsSelf).Select(node => node.Node.Address).ToList();
        return others.Count == 0 ? "alone" : "with " + string.Join(", ", others);
    }

    [LoggerMessage(LogLevel.Information, "{Program} {Version} serves {Urls}; it is node {Node} of cluster {Cluster}, {Company}")]
    private partial void Started(string program, string version, string urls, string node, string cluster, string company);
}

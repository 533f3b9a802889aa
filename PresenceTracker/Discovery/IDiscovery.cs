namespace PresenceTracker.Discovery;

/// <summary>One way to find nodes that nobody has named: it is looked at again and again, and says at which addresses nodes may be.</summary>
internal interface IDiscovery : IDisposable
{
    /// <summary>For the log.</summary>
    string Name { get; }

    /// <summary>Which way it is, for metrics.</summary>
    DiscoverySource Source { get; }

    /// <summary>Calls back, on any thread and not too often to answer each time, when it is worth while to look at once. Called once.</summary>
    void Begin(Action changed);

    /// <summary>Looks once. Never called again before it has completed.</summary>
    Task<Finding> LookAsync(CancellationToken cancellation);
}

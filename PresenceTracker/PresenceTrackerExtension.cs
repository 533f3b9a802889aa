using System.Security.Cryptography;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;
using PresenceTracker.Actors;
using PresenceTracker.Configuration;
using PresenceTracker.Discovery;
using PresenceTracker.Gateway;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Wire;

namespace PresenceTracker;

/// <summary>The tracker as an extension of a user's own actor system; its settings are the section <c>presence</c> of the system's HOCON.</summary>
/// <remarks>
/// Registers its serializer and changes nothing else in the system. Settings of Akka.Remote that differ from what presence needs are logged
/// once, each with its consequence.
/// </remarks>
public sealed class PresenceTrackerExtension : IExtension
{
    // In reference.conf; threads apart from the pool that user code may block.
    private const string Dispatcher = "presence.dispatcher";

    private PresenceTrackerExtension(Tracker tracker, IActorRef gateway)
    {
        Tracker = tracker;
        Gateway = gateway;
    }

    public Tracker Tracker { get; }

    /// <summary>The tracker as an actor of this system: tell it a <see cref="TrackerMessage"/>.</summary>
    public IActorRef Gateway { get; }

    /// <summary>The tracker of this actor system; started by the first call.</summary>
    /// <exception cref="PresenceConfigurationException">At least one setting cannot be used; names them all.</exception>
    public static PresenceTrackerExtension For(ActorSystem system) =>
        system.WithExtension<PresenceTrackerExtension, PresenceTrackerExtensionProvider>();

    internal static PresenceTrackerExtension Start(ExtendedActorSystem system)
    {
        var settings = PresenceSettings.From(system.Settings.Config);
        var hasRemoting = system.Provider.DefaultAddress.Port is not null;
        if (!hasRemoting && settings.WaysToOthers() is { IsEmpty: false } ways)
        {
            throw new PresenceConfigurationException(
                [.. ways.Select(way => new ConfigurationFault(way.Key, way.Value, "none, unless akka.actor.provider is remote or cluster"))]);
        }

        // Never without TLS where it was asked for.
        var hasTls = system.Settings.Config.GetBoolean(PresenceConfig.EnableTls, false) && system.Settings.Setup.Get<DotNettySslSetup>().HasValue;
        if (settings.TlsCertificate is { } certificate && !hasTls)
        {
            const string allowed = $"nothing, unless the actor system was created with {nameof(PresenceConfig)}.{nameof(PresenceConfig.TlsFor)}";
            throw new PresenceConfigurationException([new ConfigurationFault("presence.tls.certificate", certificate, allowed)]);
        }

        if (hasRemoting && system.Provider.DefaultAddress.Host is { } host && !NodeAddress.CanBeDialled(host))
        {
            throw new PresenceConfigurationException([new ConfigurationFault(PresenceConfig.PublicHost, host, NodeAddress.HostForm)]);
        }

        if (settings.IsInAkkaCluster && settings.ClusterRole is { Length: > 0 } role && !Cluster.Get(system).SelfRoles.Contains(role))
        {
            throw new PresenceConfigurationException(
                [new ConfigurationFault("presence.cluster.role", role, "nothing, or one of akka.cluster.roles of this node")]);
        }

        system.Settings.InjectTopLevelFallback(PresenceConfig.Reference);
        if (hasRemoting)
        {
            LogDifferences(system);
        }

        var serializer = PresenceSerializer.Of(system);
        var address = AddressOf(system);
        var runtime = new NodeRuntime(settings, new NodeId(address, NewIncarnation(system, settings)));
        runtime.Metrics.Observe(serializer);
        var discoveries = Discoveries.From(settings, address, system.Settings.Config.GetString(PresenceConfig.BindHost, ""));
        var options = NodeOptions.From(settings, discoveries, RandomUInt64(), Dispatcher);
        var supervisor = system.ActorOf(
            Props.Create(() => new PresenceSupervisor(runtime, options)).WithDispatcher(options.Dispatcher), PresenceSupervisor.Name);
        var tracker = new Tracker(runtime, supervisor);
        CoordinatedShutdown.Get(system).AddTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind,
            "presence-leave",
            async () =>
            {
                await tracker.LeaveAsync();
                return Akka.Done.Instance;
            });
        return new PresenceTrackerExtension(tracker, system.ActorOf(Props.Create(() => new GatewayActor(tracker)), GatewayActor.Name));
    }

    private static void LogDifferences(ExtendedActorSystem system)
    {
        var log = Logging.GetLogger(system, typeof(PresenceTrackerExtension));
        foreach (var difference in PresenceConfig.DifferencesFrom(system.Settings.Config))
        {
            log.Warning("{0}", difference);
        }
    }

    // A system without remoting has no address that anyone could use; it is a cluster of one.
    private static string AddressOf(ExtendedActorSystem system) =>
        system.Provider.DefaultAddress is { Host: { } host, Port: { } port } ? $"{host}:{port}" : "local:1";

    /// <summary>
    /// Unix seconds are a good first guess at a counter that rises from life to life; the handshake raises it where a clock went back.
    /// In Akka.Cluster the lower half of the process id is the number by which that tells lives apart, so that each knows of which life the other speaks.
    /// </summary>
    private static Incarnation NewIncarnation(ExtendedActorSystem system, PresenceSettings settings)
    {
        var processId = RandomUInt64();
        if (settings.IsInAkkaCluster)
        {
            processId = (processId & ~(ulong)uint.MaxValue) | (uint)Cluster.Get(system).SelfUniqueAddress.Uid;
        }

        return new Incarnation((ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds(), processId);
    }

    private static ulong RandomUInt64() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}

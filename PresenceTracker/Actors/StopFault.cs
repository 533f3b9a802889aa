using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Actors;

/// <summary>What callers are thrown once the node has stopped.</summary>
internal static class StopFault
{
    public static Func<TrackerStoppedException> Of(StopCause cause) => cause switch
    {
        StopCause.SettingDiffers(var setting, var expected, var actual, var peer) =>
            () => new ClusterMismatchException(setting, expected, actual, peer),
        StopCause.AddressTaken(var address) => () => new AddressTakenException(address),
        StopCause.Expelled(var address) => () => new RemovedFromClusterException(address),
        _ => throw new InvalidOperationException($"{cause.GetType().Name} is no cause that this shell knows"),
    };

    public static Func<TrackerStoppedException> OfCrash(IActorRef actor, Exception cause) =>
        () => new TrackerStoppedException($"{actor.Path.Name} crashed: {cause.Message}");

    public static Func<TrackerStoppedException> OfEnd(IActorRef actor) => () => new TrackerStoppedException($"{actor.Path.Name} stopped");
}

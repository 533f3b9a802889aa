namespace PresenceTracker.Tests.Cluster.Network;

/// <summary>Two nodes, by the ports that they advertise; in no order, because Akka.Remote speaks both ways over one connection.</summary>
internal readonly record struct Link(int Lower, int Higher)
{
    public static Link Between(int one, int other) => new(Math.Min(one, other), Math.Max(one, other));
}

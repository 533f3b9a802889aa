namespace PresenceTracker.Handlers;

/// <summary>On which nodes a handler is told of a presence.</summary>
public enum PresenceHandlerScope
{
    /// <summary>On every node, of all presences of the cluster.</summary>
    EveryNode,

    /// <summary>
    /// Only on the node that holds the presence, so that one handler in the cluster is told. When that node dies or stops, its presences leave, and
    /// nobody is told: there is no node any more that held them. Whatever has to be cleaned up after everybody, also after a crash of a server,
    /// needs <see cref="EveryNode"/>.
    /// </summary>
    OwnNode,
}

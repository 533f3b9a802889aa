namespace PresenceTracker.Handlers;

/// <summary>On which nodes a handler is told of a presence.</summary>
public enum PresenceHandlerScope
{
    /// <summary>On every node, of all presences of the cluster.</summary>
    EveryNode,

    /// <summary>
    /// Only on the node that holds the presence, so that one handler in the cluster is told. Of the leaves of a node that dies or stops, none is.
    /// </summary>
    OwnNode,
}

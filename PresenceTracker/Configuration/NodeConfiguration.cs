using Akka.Configuration;
using PresenceTracker.Security;

namespace PresenceTracker.Configuration;

/// <summary>What a node is started with: read and checked as a whole, before anything listens.</summary>
/// <param name="Config">Of its actor system.</param>
/// <param name="Tls">Null if there is none.</param>
internal sealed record NodeConfiguration(Config Config, PresenceSettings Settings, NodeTls? Tls);

using PresenceTracker.Tests.Cluster;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A test with Redis as SignalR's backplane. Where there is none it is skipped, except in continuous integration.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute()
    {
        if (!File.Exists(RedisServer.Path) && !ContinuousIntegration.IsOn)
        {
            Skip = $"There is no {RedisServer.Path}. Install it (Debian: apt-get install redis-server).";
        }
    }
}

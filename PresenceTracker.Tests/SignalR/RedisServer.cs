using PresenceTracker.Tests.Cluster.Processes;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A Redis that keeps nothing.</summary>
internal static class RedisServer
{
    public const string Path = "/usr/bin/redis-server";

    public static async Task<ConsoleProcess> StartAsync(int port)
    {
        var redis = new ConsoleProcess(Path, "--bind", "127.0.0.1", "--port", $"{port}", "--save", "", "--appendonly", "no");
        await redis.PrintsAsync("Ready to accept connections");
        return redis;
    }
}

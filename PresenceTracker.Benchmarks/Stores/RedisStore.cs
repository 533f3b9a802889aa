using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace PresenceTracker.Benchmarks.Stores;

/// <summary>A presence written by hand on Redis: a hash for each topic, and a message to whoever listens. It has a server of its own, and writes no file.</summary>
internal sealed class RedisStore : IPresenceStore
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(10);

    private readonly Process _server;
    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;

    private RedisStore(Process server, ConnectionMultiplexer connection)
    {
        _server = server;
        _connection = connection;
        _database = connection.GetDatabase();
    }

    public string Name => "Redis";

    public int Patience => 4;

    /// <returns>Null if there is no <c>redis-server</c> on the PATH.</returns>
    public static async Task<RedisStore?> StartAsync()
    {
        var port = FreePort();
        if (StartServer(port) is not { } server)
        {
            return null;
        }

        var options = new ConfigurationOptions { EndPoints = { { IPAddress.Loopback, port } }, AbortOnConnectFail = false, ConnectRetry = 10 };
        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        var since = Stopwatch.StartNew();
        while (!connection.IsConnected)
        {
            if (since.Elapsed > StartMax)
            {
                server.Kill();
                throw new TimeoutException($"redis-server did not answer within {StartMax}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        return new RedisStore(server, connection);
    }

    public async ValueTask TrackAsync(PresenceKey presence)
    {
        var set = _database.HashSetAsync(presence.Topic, $"{presence.Key}|{presence.Owner}", presence.MetaBytes);
        _ = _database.PublishAsync(RedisChannel.Literal(presence.Topic), presence.Key, CommandFlags.FireAndForget);
        await set;
    }

    public async ValueTask UntrackAsync(PresenceKey presence)
    {
        var deleted = _database.HashDeleteAsync(presence.Topic, $"{presence.Key}|{presence.Owner}");
        _ = _database.PublishAsync(RedisChannel.Literal(presence.Topic), presence.Key, CommandFlags.FireAndForget);
        await deleted;
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _server.Kill();
        await _server.WaitForExitAsync();
        _server.Dispose();
    }

    private static Process? StartServer(int port)
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true };
        foreach (var argument in (string[])["--port", port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--loglevel", "warning"])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is none on the PATH, and what is measured does without.
            return null;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

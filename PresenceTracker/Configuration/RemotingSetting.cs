using System.Collections.Immutable;
using Akka.Configuration;

namespace PresenceTracker.Configuration;

/// <summary>A setting of Akka that presence needs otherwise than its default, in systems of ours and of users alike.</summary>
/// <param name="Key">The full key.</param>
/// <param name="Value">What it is set to in systems of ours.</param>
/// <param name="Suits">Whether what a configuration has there is as good.</param>
/// <param name="Consequence">What follows if it is not.</param>
internal sealed record RemotingSetting(string Key, string Value, Func<Config, string, bool> Suits, string Consequence)
{
    public const string Refusing = "PresenceTracker.Wire.RefusingSerializer, PresenceTracker";

    private const string Remote = "akka.remote";
    private const string Serializers = "akka.actor.serializers";

    /// <summary>
    /// After a black hole ends, a dial that was swallowed is given up after 2 s, its address is shut for 0.2 s, and the next greeting is
    /// due within 1 s: 3.2 s in the worst case. A connection that was swallowed itself is given up 4 to 5 s after it was last heard.
    /// </summary>
    public static readonly ImmutableArray<RemotingSetting> All =
    [
        Exactly($"{Serializers}.json", Refusing,
            "any peer that reaches the port can make this process build any object it names; nothing of the tracker needs this serializer"),
        Exactly($"{Serializers}.proto", Refusing,
            "any peer that reaches the port can make this process build any type that has a constructor without parameters"),
        Exactly($"{Serializers}.daemon-create", Refusing,
            "any peer that reaches the port can start actors in this process"),
        AtMost($"{Remote}.retry-gate-closed-for", TimeSpan.FromMilliseconds(200),
            "after a refused dial everything sent to that node is dropped for so long, so a partition heals that much later"),
        AtMost($"{Remote}.dot-netty.tcp.connection-timeout", TimeSpan.FromSeconds(2),
            "a dial into a black hole, and its handshake, keep the next one waiting for so long, so a partition heals that much later"),
        AtMost($"{Remote}.handshake-timeout", TimeSpan.FromSeconds(2),
            "with a transport other than dot-netty.tcp, a handshake that was swallowed keeps the next dial waiting for so long"),
        AtLeast($"{Remote}.quarantine-after-silence", TimeSpan.FromDays(3650),
            "a node that was silent for so long is never spoken to again until one of the two processes is restarted"),
        AtMost($"{Remote}.transport-failure-detector.heartbeat-interval", TimeSpan.FromSeconds(1),
            "a connection whose bytes are swallowed is noticed later"),
        AtMost($"{Remote}.transport-failure-detector.acceptable-heartbeat-pause", TimeSpan.FromSeconds(3),
            "a connection whose bytes are swallowed is kept for so long, and everything sent meanwhile is buffered in memory"),
        AtLeastBytes($"{Remote}.dot-netty.tcp.maximum-frame-size", 80_000,
            "messages of up to 64 KiB with their addresses do not fit a frame, and are dropped"),
        // The option that .NET sets for this lets processes share a port, on Unix too. A port that another process has just left can be
        // taken again at once without it.
        new($"{Remote}.dot-netty.tcp.tcp-reuse-addr", "off",
            (config, path) => config.GetString(path) is var shared && (shared == "off" || (OperatingSystem.IsWindows() && shared != "on")),
            "two processes can listen on one port, and each gets some of the connections that are meant for the other"),
        Exactly($"{Remote}.default-remote-dispatcher.executor", "fork-join-executor",
            "remoting shares the thread pool with all other code: if that blocks its threads, no heartbeat is sent or heard"),
    ];

    public string ToHocon() => $"{Key} = \"{Value}\"";

    public SettingDifference? DifferenceIn(Config config) =>
        Suits(config, Key) ? null : new SettingDifference(Key, config.GetString(Key) ?? "not set", Value, Consequence);

    private static RemotingSetting Exactly(string key, string value, string consequence) =>
        new(key, value, (config, path) => config.GetString(path) == value, consequence);

    private static RemotingSetting AtMost(string key, TimeSpan value, string consequence) =>
        new(key, Hocon(value), (config, path) => config.GetTimeSpan(path, TimeSpan.MaxValue) <= value, consequence);

    private static RemotingSetting AtLeast(string key, TimeSpan value, string consequence) =>
        new(key, Hocon(value), (config, path) => config.GetTimeSpan(path, TimeSpan.Zero) is var time
            && (time >= value || time == Timeout.InfiniteTimeSpan), consequence);

    private static RemotingSetting AtLeastBytes(string key, long value, string consequence) =>
        new(key, $"{value}b", (config, path) => (config.GetByteSize(path) ?? 0) >= value, consequence);

    private static string Hocon(TimeSpan time) => time.TotalDays >= 1 ? $"{time.TotalDays}d" : $"{time.TotalMilliseconds}ms";
}

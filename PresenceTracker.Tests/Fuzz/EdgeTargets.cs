using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Configuration;
using PresenceTracker.Discovery;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.SignalR.Http;
using PresenceTracker.SignalR.Hubs;
using PresenceTracker.SignalR.Socket;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Fuzz;

/// <summary>What reads the requests of clients, and datagrams. What the server or SignalR itself reads of them is not ours, and not here.</summary>
internal sealed class EdgeTargets
{
    // What Kestrel takes of a request's first line.
    private const int RequestLineBytesMax = 8 * 1024;

    // So that the parser's word about a wrong word, which it repeats, stays below the limit of a frame.
    private const int FrameBytesMax = SocketConnection.FrameBytesMax / 4;

    // What is taken of a request: its first line, Kestrel's 32 KiB of headers, and a line of the body at a time.
    private const int RequestBytesMax = RequestLineBytesMax + (32 * 1024) + BulkEndpoint.LineBytesMax;

    // What SignalR takes as one message.
    private const int HubMessageBytesMax = 32 * 1024;

    // A context of ASP.NET Core, and its answer to the shortest of paths that is refused.
    private const int AspNetBytes = 64 * 1024;

    private static readonly ImmutableArray<byte[]> Json = Texts(
        "{}", """{"name":"Zoë","at":[1,2.5,null],"on":true}""", """{"a":{"b":{"c":[[],{}]}},"n":-1.5e+300,"s":"\u00e9\n\\"}""",
        """{"x":"😀","__proto__":{"y":1},"constructor":null}""", "{\"long\":\"" + new string('m', 4_000) + "\"}",
        """{"topic":"room:1","key":"user 7","meta":{"name":"Zoë"}}""", """{"key":"k","topic":"t"}""",
        string.Concat(Enumerable.Repeat("{\"a\":", 31)) + "{}" + new string('}', 31),
        "{" + string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"m{i}\":{i}")) + "}");

    private static readonly ImmutableArray<byte[]> Frames = Texts(
        """["1","2","room:1","phx_join",{"key":"k","meta":{"name":"Zoë"}}]""", """[null,"9","phoenix","heartbeat",{}]""",
        """["1","2","realtime:r","phx_join",{"config":{"presence":{"key":"k"}},"access_token":"t"}]""",
        """["1",null,"realtime:r","presence",{"type":"presence","event":"track","payload":{"a":[1,{}]}}]""",
        """{"topic":"room:1","event":"presence_update","payload":{"meta":{"s":"\u00e9"}},"ref":"3","join_ref":"1"}""")
        .AddRange(Json.AsSpan());

    private static readonly ByteMutator JsonBytes = new(
    [
        [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        .. Texts(
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "\r\n", "\0", " ", "null", "true", "1e99999", "1e999999999999", "-0", "0.1E-7", "\"phx_ref\":1,",
            "\"phx_ref_prev\":1,", "\"a\":1,\"a\":2,", "\\ud800", "\\udc00", "\\u0000", "\\u005f", "//", "/*", "NaN", "\"meta\":", "\"topic\":", "\"key\":",
            new string('[', 100), string.Concat(Enumerable.Repeat("{\"a\":", 40)), new string('x', 5_000), "\uFEFF"),
    ]);

    private static readonly ImmutableArray<byte[]> Paths = Texts(
        "/api/topics/room%2F1/presences/user%207?lease=30s&owner=http", "/api/topics/-/count?topic=a%25", "/api/keys/-?key=..",
        "/api/topics/../presences", "/api/presences?lease=1m", "http://h/api/topics/%F0%9F%98%80/events", "/api/topics//presences/", "*", "/API/Topics/%2e%2e");

    private static readonly ByteMutator PathBytes = new(Texts(
        "%", "%2", "%2F", "%252F", "%00", "%C3", "%ED%A0%80", "/", "?", "#", "..", "-", "://", "topic=", "key=", "&", "%zz", "%+1", "api/topics/", "\u00e9",
        new string('a', 3_000)));

    private static readonly SharedToken Token = new("a secret of the cluster");

    private static readonly ImmutableArray<byte[]> Beacons =
    [
        Beacon.Write("presence", "127.0.0.1:4053", token: null), Beacon.Write("presence", "a.example:65535", Token), Beacon.Write("other", "[::1]:1", Token),
        Beacon.Write(new string('c', 255), new string('h', 249) + ":65535", Token),
    ];

    private static readonly ByteMutator BeaconBytes = new([.. Texts("PTrk", "presence", "\u0008presence", ":4053", "a b:1", "\u0001"), [0], [0xFF], [0xC3]]);

    private static readonly ImmutableArray<byte[]> Leases = Texts("30s", "5m", "1h", "86400s", "24h", "1441m", "0s", "99999s");

    private static readonly ByteMutator LeaseBytes = new(Texts("s", "m", "h", "-", "+", " ", "0", "9999999999", "\u0663", "1e3", "\0", ":", new string('x', 300)));

    private static readonly Owner LeaseOf30s = Owner.Lease(TimeSpan.FromSeconds(30));

    private static readonly PresenceSettings Settings = new PresenceTrackerOptions().Read().Settings;

    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().BuildServiceProvider();

    public EdgeTargets() => All =
    [
        new("meta", 2 * RequestBytesMax, prng => Mutated(prng, Json, JsonBytes, WireLimits.MetaBytesMax), DecodeMeta),
        new("hub's meta", 2 * HubMessageBytesMax, prng => Mutated(prng, Json, JsonBytes, HubMessageBytesMax), DecodeHubMeta),
        new("JSON lines", 2 * RequestBytesMax, Lines, DecodeLines),
        new("JSON line", 2 * RequestBytesMax, prng => Mutated(prng, Json, JsonBytes, BulkEndpoint.LineBytesMax), DecodeLine),
        new("name in a path", 2 * RequestBytesMax, prng => Mutated(prng, Paths, PathBytes, RequestLineBytesMax), DecodeName),
        new("path", AspNetBytes + (2 * RequestBytesMax), prng => Mutated(prng, Paths, PathBytes, RequestLineBytesMax), DecodePath),
        new("socket, version 1", 2 * SocketConnection.FrameBytesMax, prng => Mutated(prng, Frames, JsonBytes, FrameBytesMax), bytes => DecodeFrame(bytes, SocketVersion.V1)),
        new("socket, version 2", 2 * SocketConnection.FrameBytesMax, prng => Mutated(prng, Frames, JsonBytes, FrameBytesMax), bytes => DecodeFrame(bytes, SocketVersion.V2)),
        new("beacon, read twice", 4 * Beacon.BytesMax, prng => Mutated(prng, Beacons, BeaconBytes, 2 * Beacon.BytesMax), DecodeBeacon),
        new("lease", 2 * RequestBytesMax, prng => Mutated(prng, Leases, LeaseBytes, RequestLineBytesMax), DecodeLease),
    ];

    public ImmutableArray<FuzzTarget> All { get; }

    private static ImmutableArray<byte[]> Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static byte[] Mutated(Prng prng, ImmutableArray<byte[]> corpus, ByteMutator mutator, int bytesMax)
    {
        if (prng.Next(16) == 0)
        {
            return ByteMutator.Random(prng, prng.Next(100));
        }

        var bytes = corpus[prng.Next(corpus.Length)];
        for (var mutations = prng.Next(4); mutations >= 0; mutations--)
        {
            bytes = mutator.Mutate(prng, bytes, corpus[prng.Next(corpus.Length)]);
        }

        return bytes.Length <= bytesMax ? bytes : bytes[..bytesMax];
    }

    // As long as one line may be, so that what is allocated is compared with that.
    private static byte[] Lines(Prng prng)
    {
        List<byte> body = [];
        for (var lines = prng.Next(4); lines >= 0; lines--)
        {
            body.AddRange(Mutated(prng, Json, JsonBytes, BulkEndpoint.LineBytesMax / 4));
            body.AddRange(prng.Next(3) switch { 0 => "\n"u8, 1 => "\r\n"u8, _ => "\n\n"u8 });
        }

        return [.. body.Take(BulkEndpoint.LineBytesMax)];
    }

    private static void DecodeBeacon(byte[] bytes)
    {
        foreach (var token in (SharedToken?[])[null, Token])
        {
            var address = Beacon.Read(bytes, "presence"u8, token, out var fault);
            Assert.True(address is null ? fault is not null : fault is null && NodeAddress.IsValid(address));
        }
    }

    private static void DecodeMeta(byte[] bytes)
    {
        try
        {
            // What is taken must not fail when it is compared later.
            Assert.True(Metas.Parse(bytes).StructurallyEquals(Metas.Parse([.. bytes, (byte)' '])));
        }
        catch (InvalidMetaException)
        {
            // As good as a meta.
        }
    }

    private static void DecodeHubMeta(byte[] bytes)
    {
        JsonElement argument;
        try
        {
            argument = JsonElement.Parse(bytes);
        }
        catch (JsonException)
        {
            // SignalR would not have got so far.
            return;
        }

        try
        {
            _ = PresenceHub.MetaOf(argument);
        }
        catch (InvalidMetaException)
        {
            // The caller is told.
        }
    }

    private static void DecodeFrame(byte[] bytes, SocketVersion version)
    {
        if (SocketFrame.Parse(bytes, version) is not { } frame)
        {
            // The connection is closed.
            return;
        }

        try
        {
            _ = SocketJoin.Of(frame.Topic, frame.Payload, userId: null);
            _ = SocketJoin.TextIn(frame.Payload, "event");
            _ = SocketJoin.MetaIn(frame.Payload, "payload");
        }
        catch (PresenceException)
        {
            // The client is told.
        }
    }

    private static void DecodeLines(byte[] bytes)
    {
        var read = ReadLinesAsync(bytes);
        Assert.True(read.IsCompleted);
        Assert.Equal(bytes.Count((byte)'\n') + 1, read.GetAwaiter().GetResult());
    }

    private static async Task<int> ReadLinesAsync(byte[] bytes)
    {
        var segment = 1 + (bytes.Length / 3);
        var count = 0;
        var body = PipeReader.Create(new MemoryStream(bytes), new StreamPipeReaderOptions(bufferSize: segment, minimumReadSize: 1));
        await foreach (var line in JsonLines.ReadAsync(body, BulkEndpoint.LineBytesMax / 4, BulkEndpoint.BodyBytesMax, CancellationToken.None))
        {
            Assert.Equal(++count, line.Number);
        }

        return count;
    }

    private static void DecodeLine(byte[] bytes)
    {
        var line = new JsonLine(1, bytes, IsTooLong: false);
        Assert.NotEqual(PresenceLine.TryParse(line, LeaseOf30s, Settings, out _, out var error), error is not null);
    }

    private static void DecodeName(byte[] bytes) =>
        PathName.TryParse(Encoding.Latin1.GetString(bytes), null, out _);

    private static void DecodeLease(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        try
        {
            _ = LeaseOwner.Parse(text, text);
        }
        catch (PresenceException)
        {
            // The caller is told.
        }
    }

    private void DecodePath(byte[] bytes)
    {
        // Kestrel lets no others into a target.
        var target = new string([.. bytes.Select(octet => (char)(octet & 0x7F)).Where(letter => letter > ' ')]);
        var context = new DefaultHttpContext { RequestServices = _services };
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        context.Request.QueryString = query < 0 ? default : new QueryString(target[query..]);
        var handled = new PathNamesMiddleware(Next).InvokeAsync(context);
        Assert.True(handled.IsCompleted);
        handled.GetAwaiter().GetResult();

        static Task Next(HttpContext context)
        {
            foreach (var segment in context.Request.Path.Value!.Split('/'))
            {
                Assert.True(PathName.TryParse(segment, null, out _));
            }

            return Task.CompletedTask;
        }
    }
}

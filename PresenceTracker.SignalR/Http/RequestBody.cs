using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Http;

/// <summary>
/// Bodies of requests, each with a limit beyond which nothing of it is taken. It is counted here: not every server has a limit of its own.
/// </summary>
internal static class RequestBody
{
    // Who sends more than is taken may look for the answer only after the last byte, and loses it if the connection is reset before. So the
    // server reads on and forgets what it reads, which Kestrel does for at most 5 s, up to this much; beyond it the connection is closed.
    private const long ForgottenBytesMax = 256 * 1024 * 1024;

    public const string MetaLimit = "meta";
    public const string BodyLimit = "body";

    /// <summary>What a body says of itself does not matter: it is read as what the endpoint takes.</summary>
    public const string AnyContentType = "*/*";

    /// <summary>Reads a meta; an empty body is an empty one.</summary>
    /// <exception cref="LimitExceededException">The body is longer than a meta may be.</exception>
    /// <exception cref="InvalidMetaException">It is no JSON object that can be a meta.</exception>
    public static async Task<Meta> ReadMetaAsync(HttpContext context, int bytesMax)
    {
        Limit(context, bytesMax, MetaLimit, "presence.limits.meta");
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > bytesMax)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw Exceeded(MetaLimit, $"more than {bytesMax} bytes", bytesMax, "presence.limits.meta");
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body is [] ? Meta.Empty : Metas.Parse(body);
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Refuses at once what says that it is longer, and has the server close the connection if it is far longer.</summary>
    /// <exception cref="LimitExceededException">The body says that it is longer.</exception>
    public static void Limit(HttpContext context, long bytesMax, string limit, string option)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
        {
            server.MaxRequestBodySize = ForgottenBytesMax;
        }

        if (context.Request.ContentLength is { } length && length > bytesMax)
        {
            throw Exceeded(limit, string.Create(CultureInfo.InvariantCulture, $"{length} bytes"), bytesMax, option);
        }
    }

    public static LimitExceededException Exceeded(string limit, string value, long bytesMax, string option) =>
        new(limit, value, string.Create(CultureInfo.InvariantCulture, $"at most {bytesMax} bytes"), option);
}

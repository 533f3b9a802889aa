using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Http;

/// <summary>Bodies of requests, each with a limit beyond which nothing of it is read.</summary>
internal static class RequestBody
{
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
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted);
                if (read.IsCompleted)
                {
                    var body = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return body is [] ? Meta.Empty : Metas.Parse(body);
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException beyond) when (beyond.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw Exceeded(MetaLimit, $"more than {bytesMax} bytes", bytesMax, "presence.limits.meta");
        }
    }

    /// <summary>Has the server read at most so much of the body, and refuses at once what says that it is longer.</summary>
    /// <exception cref="LimitExceededException">The body says that it is longer.</exception>
    public static void Limit(HttpContext context, long bytesMax, string limit, string option)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = bytesMax;
        if (context.Request.ContentLength is { } length && length > bytesMax)
        {
            throw Exceeded(limit, string.Create(CultureInfo.InvariantCulture, $"{length} bytes"), bytesMax, option);
        }
    }

    private static LimitExceededException Exceeded(string limit, string value, long bytesMax, string option) =>
        new(limit, value, string.Create(CultureInfo.InvariantCulture, $"at most {bytesMax} bytes"), option);
}

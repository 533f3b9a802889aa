using System.Net.Sockets;
using System.Text;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.Host;

/// <summary>Sends what no client library would.</summary>
internal static class RawHttp
{
    /// <summary>A request of one line and a few headers, on a connection of its own.</summary>
    /// <returns>All that is answered.</returns>
    public static Task<string> SendAsync(Uri url, string method, string target, string body = "", params string[] headers) =>
        SendAsync(url, method, target, body, () => Task.FromResult(""), headers);

    /// <param name="next">Gives the rest of the body, when the time for it has come.</param>
    public static async Task<string> SendAsync(
        Uri url, string method, string target, string body, Func<Task<string>> next, params string[] headers)
    {
        string[] all = headers.Any(header => header.StartsWith("Transfer-Encoding", StringComparison.Ordinal))
            ? headers
            : [.. headers, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}"];
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            $"{method} {target} HTTP/1.1\r\nHost: {url.Authority}\r\n{string.Join("\r\n", all)}\r\nConnection: close\r\n\r\n{body}"));
        await stream.WriteAsync(Encoding.UTF8.GetBytes(await next()));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync().InTime();
    }
}

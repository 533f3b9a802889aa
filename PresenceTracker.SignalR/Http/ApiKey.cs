using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PresenceTracker.SignalR.Http;

/// <summary>Whether a request carries the key of the node.</summary>
internal static class ApiKey
{
    private const string Scheme = "Bearer ";

    // How phoenix.js sends a token, in base64, where it cannot send a header.
    private const string SubprotocolPrefix = "base64url.bearer.phx.";

    // How SignalR's clients send a token where they cannot send a header, and those of Supabase.
    private static readonly string[] QueryParameters = ["access_token", "apikey"];

    public static bool IsInHeader(HttpRequest request, string key)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && AreEqual(header[Scheme.Length..], key);
    }

    public static bool IsInQuery(HttpRequest request, string key) =>
        QueryParameters.Any(parameter => AreEqual(request.Query[parameter].ToString(), key));

    public static bool IsInSubprotocol(HttpRequest request, string key)
    {
        var sent = request.HttpContext.WebSockets.WebSocketRequestedProtocols
            .FirstOrDefault(protocol => protocol.StartsWith(SubprotocolPrefix, StringComparison.Ordinal));
        var expected = Convert.ToBase64String(Encoding.UTF8.GetBytes(key)).TrimEnd('=');
        return sent is not null && AreEqual(sent[SubprotocolPrefix.Length..].Replace('-', '+').Replace('_', '/'), expected);
    }

    // Takes the same time however much of the key is right.
    private static bool AreEqual(string given, string key) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PresenceTracker.SignalR.Http;

/// <summary>Whether a request carries the key of the node.</summary>
internal static class ApiKey
{
    private const string Scheme = "Bearer ";

    // How SignalR's clients send a token where they cannot send a header.
    private const string QueryParameter = "access_token";

    public static bool IsInHeader(HttpRequest request, string key)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && AreEqual(header[Scheme.Length..], key);
    }

    public static bool IsInQuery(HttpRequest request, string key) => AreEqual(request.Query[QueryParameter].ToString(), key);

    // Takes the same time however much of the key is right.
    private static bool AreEqual(string given, string key) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

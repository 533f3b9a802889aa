using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace PresenceTracker.SignalR.Http;

/// <summary>Lets a write pass only with the key, if there is one; before anything of its body is read.</summary>
internal sealed class ApiKeyFilter(IOptions<PresenceApiOptions> options) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (options.Value.ApiKey is not { } key || Matches(http.Request.Headers.Authorization.ToString(), key))
        {
            return next(context);
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        return ValueTask.FromResult<object?>(Problems.Of(
            StatusCodes.Status401Unauthorized, "Writes need the header \"Authorization: Bearer KEY\" with the key of this node."));
    }

    // Takes the same time however much of the key is right.
    private static bool Matches(string header, string key) =>
        header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..])), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

using System.Net;

namespace PresenceTracker.Tests.Host;

/// <summary>A body that says how long it is, and must not be asked for.</summary>
internal sealed class UnsentContent(long length) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        throw new InvalidOperationException("the server asked for the body");

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}

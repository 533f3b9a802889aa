using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace PresenceTracker.Tests.SignalR;

/// <summary>The JSON protocol, which tells how often it was asked to encode what.</summary>
internal sealed class CountingProtocol : IHubProtocol
{
    private readonly JsonHubProtocol _json = new();

    /// <summary>By the name of the message.</summary>
    public ConcurrentDictionary<string, int> Encoded { get; } = new();

    /// <summary>Called with the name of each message, before it is encoded.</summary>
    public Action<string>? Encoding { get; init; }

    public string Name => _json.Name;

    public int Version => _json.Version;

    public TransferFormat TransferFormat => _json.TransferFormat;

    public bool IsVersionSupported(int version) => _json.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(Microsoft.AspNetCore.SignalR.Protocol.HubMessage message)
    {
        Count(message);
        return _json.GetMessageBytes(message);
    }

    public void WriteMessage(Microsoft.AspNetCore.SignalR.Protocol.HubMessage message, IBufferWriter<byte> output)
    {
        Count(message);
        _json.WriteMessage(message, output);
    }

    public bool TryParseMessage(
        ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out Microsoft.AspNetCore.SignalR.Protocol.HubMessage? message) =>
        _json.TryParseMessage(ref input, binder, out message);

    private void Count(Microsoft.AspNetCore.SignalR.Protocol.HubMessage message)
    {
        if (message is InvocationMessage invocation)
        {
            Encoding?.Invoke(invocation.Target);
            Encoded.AddOrUpdate(invocation.Target, 1, (_, count) => count + 1);
        }
    }
}

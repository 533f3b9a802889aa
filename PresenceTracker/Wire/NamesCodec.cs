using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Wire;

/// <summary>Nodes and replicas on the wire.</summary>
internal static class NamesCodec
{
    public static Schema.Node Encode(NodeId node) => new()
    {
        Address = node.Address,
        Counter = node.Incarnation.Counter,
        ProcessId = node.Incarnation.ProcessId,
    };

    public static Schema.Replica Encode(ReplicaId replica, NodeId sender) => new()
    {
        Node = replica.Node == sender ? null : Encode(replica.Node),
        Shard = (uint)replica.Shard,
        Epoch = (uint)replica.Epoch,
    };

    public static NodeId DecodeNode(ReadOnlySpan<byte> message)
    {
        var reader = new FieldReader(message);
        string? address = null;
        ulong counter = 0;
        ulong processId = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Node.AddressFieldNumber:
                    address = DecodeAddress(ref reader);
                    break;
                case Schema.Node.CounterFieldNumber:
                    counter = reader.Number();
                    break;
                case Schema.Node.ProcessIdFieldNumber:
                    processId = reader.Fixed64();
                    break;
            }
        }

        return new NodeId(address ?? throw Missing("a node", "address"), new Incarnation(counter, processId));
    }

    public static ReplicaId DecodeReplica(ReadOnlySpan<byte> message, NodeId sender)
    {
        var reader = new FieldReader(message);
        var node = sender;
        var shard = 0;
        var epoch = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Replica.NodeFieldNumber:
                    node = DecodeNode(reader.Bytes());
                    break;
                case Schema.Replica.ShardFieldNumber:
                    shard = DecodeShard(ref reader);
                    break;
                case Schema.Replica.EpochFieldNumber:
                    epoch = DecodeEpoch(ref reader);
                    break;
            }
        }

        return new ReplicaId(node, shard, epoch);
    }

    /// <summary>An address ends up in the path of an actor, so what cannot be one is stopped here.</summary>
    public static string DecodeAddress(ref FieldReader reader) => Checked(reader.Text(WireLimits.AddressBytesMax, "an address"));

    /// <summary>As <see cref="DecodeAddress"/>, where there may be several.</summary>
    public static string DecodeAddressElement(ref FieldReader reader) => Checked(reader.TextElement(WireLimits.AddressBytesMax, "an address"));

    public static int DecodeShard(ref FieldReader reader) => reader.Number(0, WireLimits.ShardsMax - 1, "a shard");

    public static int DecodeEpoch(ref FieldReader reader) => reader.Number(0, int.MaxValue, "an epoch");

    /// <summary>No node tracks anything in a topic, under a key or for an owner without a name.</summary>
    public static PresenceId IdOf(string message, string topic, string key, string owner) =>
        topic.Length == 0 ? throw Missing(message, "topic")
        : key.Length == 0 ? throw Missing(message, "key")
        : owner.Length == 0 ? throw Missing(message, "owner")
        : new PresenceId(topic, key, owner);

    private static string Checked(string address) =>
        NodeAddress.IsValid(address) ? address : throw new WireFormatException($"an address is not {NodeAddress.Form}");

    public static WireFormatException Missing(string message, string field) => new($"{message} without its {field}");
}

using System.Text;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>
/// What overlay and broadcast cores have sent since it was last cleared, and upper bounds of the bytes that the broadcasts would take, counted as
/// <see cref="MessageSize"/> counts those of the gossip.
/// </summary>
internal sealed class OverlayTally
{
    // Counter and process id, and the tags and lengths of these, of the address and of the node itself.
    private const int IncarnationBytes = 26;

    private const int NumberBytes = 11;

    public long OverlayMessages { get; private set; }

    public long Payloads { get; private set; }

    public long PayloadBytes { get; private set; }

    public long Announcements { get; private set; }

    /// <summary>Of the announcements, grafts and prunes.</summary>
    public long ControlMessages { get; private set; }

    public long ControlBytes { get; private set; }

    public void AddOverlayMessage() => OverlayMessages++;

    public void Add(NodeId sender, BroadcastMessage message)
    {
        switch (message)
        {
            case BroadcastMessage.Gossip gossip:
                Payloads++;
                PayloadBytes += NodeBytes(sender) + IdBytes(gossip.Id) + NumberBytes + NumberBytes + gossip.Payload.Length;
                break;
            case BroadcastMessage.IHave have:
                Announcements += have.Announcements.Length;
                ControlMessages++;
                ControlBytes += NodeBytes(sender) + have.Announcements.Sum(announced => IdBytes(announced.Id) + NumberBytes + NumberBytes);
                break;
            case BroadcastMessage.Graft graft:
                ControlMessages++;
                ControlBytes += NodeBytes(sender) + (graft.Missing is { } id ? IdBytes(id) : 0);
                break;
            case BroadcastMessage.Prune:
                ControlMessages++;
                ControlBytes += NodeBytes(sender);
                break;
        }
    }

    public void Clear()
    {
        OverlayMessages = 0;
        Payloads = 0;
        PayloadBytes = 0;
        Announcements = 0;
        ControlMessages = 0;
        ControlBytes = 0;
    }

    private static int NodeBytes(NodeId node) => IncarnationBytes + Encoding.UTF8.GetByteCount(node.Address);

    private static int IdBytes(BroadcastId id) => NodeBytes(id.Origin) + NumberBytes;
}

namespace PresenceTracker.Wire;

/// <summary>Counts what goes between this node and one peer. Thread-safe.</summary>
internal sealed class PeerTraffic
{
    private long _messagesSent;
    private long _bytesSent;
    private long _messagesReceived;
    private long _bytesReceived;

    public NodeTraffic Sent => new(Interlocked.Read(ref _messagesSent), Interlocked.Read(ref _bytesSent));

    public NodeTraffic Received => new(Interlocked.Read(ref _messagesReceived), Interlocked.Read(ref _bytesReceived));

    public void CountSent(int bytes)
    {
        Interlocked.Increment(ref _messagesSent);
        Interlocked.Add(ref _bytesSent, bytes);
    }

    public void CountReceived(int bytes)
    {
        Interlocked.Increment(ref _messagesReceived);
        Interlocked.Add(ref _bytesReceived, bytes);
    }
}

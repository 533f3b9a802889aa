namespace PresenceTracker.Tests.Replication.Laws;

/// <param name="Node">Who acts.</param>
/// <param name="Peer">With whom.</param>
/// <param name="Choice">Whatever else is to be chosen.</param>
internal readonly record struct LawStep(LawAction Action, byte Node, byte Peer, byte Choice)
{
    public override string ToString() => $"{Action} {Node} {Peer} {Choice}";
}

using System.Collections.Immutable;
using System.Text;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>As many of the wanted buckets, with their contexts, as one message holds. Absence means nothing, so the rest comes later.</summary>
internal sealed record DigestPage(ImmutableArray<int> Buckets, ImmutableArray<ReplicaContext> Contexts)
{
    // The incarnation, shard, epoch and context as varints, with their tags and lengths.
    private const int ContextBytes = 48;

    private const int BucketBytes = 3;

    /// <param name="wanted">Buckets of the grid, rising.</param>
    /// <param name="first">Which of the wanted buckets to begin with; the page goes on behind the last with the first.</param>
    public static DigestPage Take(ContextTable contexts, BucketGrid grid, IReadOnlyList<int> wanted, int first, int bytesMax)
    {
        var members = new List<ReplicaContext>?[grid.Count];
        foreach (var bucket in wanted)
        {
            members[bucket] = [];
        }

        foreach (var (member, addressHash) in contexts.Members)
        {
            members[grid.IndexOf(member.Replica.Shard, addressHash)]?.Add(member);
        }

        var taken = new List<int>();
        var bytes = 0;
        for (var i = 0; i < wanted.Count; i++)
        {
            var bucket = wanted[(first + i) % wanted.Count];
            bytes += BucketBytes + members[bucket]!.Sum(BytesOf);
            if (bytes > bytesMax && taken.Count > 0)
            {
                break;
            }

            taken.Add(bucket);
        }

        taken.Sort();
        return new DigestPage([.. taken], [.. Fitting(taken.SelectMany(bucket => members[bucket]!), bytesMax)]);
    }

    // A correct cluster's bucket always fits; addresses made up so that they fall into one bucket must not make the message too large.
    private static IEnumerable<ReplicaContext> Fitting(IEnumerable<ReplicaContext> members, int bytesMax)
    {
        var bytes = 0;
        return members.TakeWhile(member => (bytes += BytesOf(member)) <= bytesMax);
    }

    private static int BytesOf(ReplicaContext member) => ContextBytes + Encoding.UTF8.GetByteCount(member.Replica.Node.Address);
}

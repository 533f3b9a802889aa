using System.Text.Json.Serialization;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>What a test asks of a node process: a line of JSON on its standard input, answered by a line on its standard output.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(Start), nameof(Start))]
[JsonDerivedType(typeof(AwaitReady), nameof(AwaitReady))]
[JsonDerivedType(typeof(AwaitStopped), nameof(AwaitStopped))]
[JsonDerivedType(typeof(Track), nameof(Track))]
[JsonDerivedType(typeof(TrackFor), nameof(TrackFor))]
[JsonDerivedType(typeof(Update), nameof(Update))]
[JsonDerivedType(typeof(Untrack), nameof(Untrack))]
[JsonDerivedType(typeof(TrackMany), nameof(TrackMany))]
[JsonDerivedType(typeof(UntrackMany), nameof(UntrackMany))]
[JsonDerivedType(typeof(StartChurn), nameof(StartChurn))]
[JsonDerivedType(typeof(StopChurn), nameof(StopChurn))]
[JsonDerivedType(typeof(Subscribe), nameof(Subscribe))]
[JsonDerivedType(typeof(AwaitEvent), nameof(AwaitEvent))]
[JsonDerivedType(typeof(CheckFolds), nameof(CheckFolds))]
[JsonDerivedType(typeof(Events), nameof(Events))]
[JsonDerivedType(typeof(Digest), nameof(Digest))]
[JsonDerivedType(typeof(DigestOnceReady), nameof(DigestOnceReady))]
[JsonDerivedType(typeof(List), nameof(List))]
[JsonDerivedType(typeof(Nodes), nameof(Nodes))]
[JsonDerivedType(typeof(Memory), nameof(Memory))]
[JsonDerivedType(typeof(StartReading), nameof(StartReading))]
[JsonDerivedType(typeof(StopReading), nameof(StopReading))]
[JsonDerivedType(typeof(Metric), nameof(Metric))]
[JsonDerivedType(typeof(Leave), nameof(Leave))]
[JsonDerivedType(typeof(Down), nameof(Down))]
internal abstract record NodeRequest
{
    private NodeRequest()
    {
    }

    /// <summary>Starts the node; a process has one.</summary>
    public sealed record Start(NodeProcessOptions Options) : AnsweredBy<NodeReply.Identity>;

    public sealed record AwaitReady : AnsweredBy<NodeReply.Moment>;

    /// <summary>Answered with the reason once the tracker has stopped by itself.</summary>
    public sealed record AwaitStopped : AnsweredBy<string>;

    public sealed record Track(string Topic, string Key, string Meta) : AnsweredBy<NodeReply.Written>;

    /// <summary>As <see cref="Track"/>, or renews it, for so long; untracked in the same way.</summary>
    public sealed record TrackFor(string Topic, string Key, TimeSpan Lease) : AnsweredBy<NodeReply.Written>;

    public sealed record Update(string Topic, string Key, string Meta) : AnsweredBy<NodeReply.Written>;

    public sealed record Untrack(string Topic, string Key) : AnsweredBy<NodeReply.Written>;

    /// <summary>Tracks the keys prefix-0, prefix-1 and so on, in the topics in turn.</summary>
    public sealed record TrackMany(string[] Topics, string KeyPrefix, int Count) : AnsweredBy<NodeReply.Moment>;

    /// <summary>Untracks what <see cref="TrackMany"/> with the same arguments has tracked.</summary>
    public sealed record UntrackMany(string[] Topics, string KeyPrefix, int Count) : AnsweredBy<NodeReply.Moment>;

    /// <summary>Makes changes steadily (tracks, updates and untracks), until told to stop.</summary>
    public sealed record StartChurn(string[] Topics, string KeyPrefix, int ChangesPerSecond) : AnsweredBy<NodeReply.Moment>;

    public sealed record StopChurn : AnsweredBy<NodeReply.Churned>;

    /// <summary>Subscribes to the topics, folds their diffs, and records what they say.</summary>
    public sealed record Subscribe(string[] Topics) : AnsweredBy<NodeReply.Moment>;

    /// <summary>Answered once a subscribed topic has told of such an event, also if it did so before.</summary>
    public sealed record AwaitEvent(string Topic, string Kind, string Key) : AnsweredBy<NodeReply.SeenEvent>;

    /// <summary>Everything that the subscribed topics have told, oldest first.</summary>
    public sealed record Events : AnsweredBy<NodeReply.SeenEvent[]>;

    /// <summary>Answered with every fault of the folded diffs; once they have caught up with the lists, or after a while.</summary>
    public sealed record CheckFolds : AnsweredBy<NodeReply.Folds>;

    public sealed record Digest(string[] Topics) : AnsweredBy<ListDigest>;

    /// <summary>Answered with what is listed in the moment in which the node becomes ready.</summary>
    public sealed record DigestOnceReady(string[] Topics) : AnsweredBy<NodeReply.ReadyWith>;

    public sealed record List(string Topic) : AnsweredBy<NodeReply.Listed[]>;

    public sealed record Nodes : AnsweredBy<NodeReply.SeenNode[]>;

    /// <summary>After a full collection.</summary>
    public sealed record Memory : AnsweredBy<NodeReply.MemoryUse>;

    /// <summary>
    /// Lists a topic a thousand times a second and measures each, from when the node knows that many nodes, itself included, until told to stop.
    /// </summary>
    public sealed record StartReading(string Topic, int FromNodes) : AnsweredBy<NodeReply.Moment>;

    public sealed record StopReading : AnsweredBy<NodeReply.ReadTimes>;

    /// <summary>The sum over all series of a metric.</summary>
    public sealed record Metric(string Name) : AnsweredBy<double>;

    public sealed record Leave : AnsweredBy<NodeReply.Moment>;

    /// <summary>Has Akka.Cluster give up a member, as an operator does.</summary>
    public sealed record Down(string Address) : AnsweredBy<NodeReply.Moment>;

    /// <summary>A request that is answered with <typeparamref name="TReply"/>.</summary>
    internal abstract record AnsweredBy<TReply> : NodeRequest;
}

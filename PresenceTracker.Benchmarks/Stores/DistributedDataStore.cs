using System.Text;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.DistributedData;

namespace PresenceTracker.Benchmarks.Stores;

/// <summary>Akka.DistributedData with one dictionary or one set for each topic, written locally: the best that it can do.</summary>
internal sealed class DistributedDataStore : IPresenceStore
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    private readonly ActorSystem _system;
    private readonly UniqueAddress _self;
    private readonly IActorRef _replicator;
    private readonly bool _isSet;

    private DistributedDataStore(ActorSystem system, bool isSet)
    {
        _system = system;
        _isSet = isSet;
        _self = Cluster.Get(system).SelfUniqueAddress;
        _replicator = DistributedData.Get(system).Replicator;
    }

    public string Name => _isSet ? "DistributedData, ORSet" : "DistributedData, LWW";

    // A dictionary update costs what the topic holds.
    public int Patience => _isSet ? 4 : 40;

    public static async Task<DistributedDataStore> StartAsync(bool isSet)
    {
        var system = ActorSystem.Create("peer", ConfigurationFactory.ParseString("""
            akka.loglevel = ERROR
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
            """).WithFallback(DistributedData.DefaultConfig()));
        var cluster = Cluster.Get(system);
        var isUp = new TaskCompletionSource();
        cluster.RegisterOnMemberUp(() => isUp.TrySetResult());
        cluster.Join(cluster.SelfAddress);
        await isUp.Task.WaitAsync(AnswerMax);
        return new DistributedDataStore(system, isSet);
    }

    public ValueTask TrackAsync(PresenceKey presence) => UpdateAsync(_isSet
        ? Dsl.Update(SetOf(presence), ORSet<string>.Empty, WriteLocal.Instance, set => set.Add(_self, ElementOf(presence)))
        : Dsl.Update(DictionaryOf(presence), LWWDictionary<string, string>.Empty, WriteLocal.Instance,
            dictionary => dictionary.SetItem(_self, FieldOf(presence), Encoding.UTF8.GetString(presence.MetaBytes))));

    public ValueTask UntrackAsync(PresenceKey presence) => UpdateAsync(_isSet
        ? Dsl.Update(SetOf(presence), ORSet<string>.Empty, WriteLocal.Instance, set => set.Remove(_self, ElementOf(presence)))
        : Dsl.Update(DictionaryOf(presence), LWWDictionary<string, string>.Empty, WriteLocal.Instance,
            dictionary => dictionary.Remove(_self, FieldOf(presence))));

    public async ValueTask DisposeAsync() => await _system.Terminate();

    private async ValueTask UpdateAsync(Update update)
    {
        var answer = await _replicator.Ask<IUpdateResponse>(update, AnswerMax);
        if (!answer.IsSuccessful)
        {
            throw new InvalidOperationException($"{Name} answered {answer}");
        }
    }

    private static ORSetKey<string> SetOf(PresenceKey presence) => new(presence.Topic);

    private static LWWDictionaryKey<string, string> DictionaryOf(PresenceKey presence) => new(presence.Topic);

    private static string FieldOf(PresenceKey presence) => $"{presence.Key}|{presence.Owner}";

    private static string ElementOf(PresenceKey presence) => $"{presence.Key}|{presence.Owner}|{Encoding.UTF8.GetString(presence.MetaBytes)}";
}

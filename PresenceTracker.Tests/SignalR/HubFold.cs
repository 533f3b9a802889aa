using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Folds what the hub sends for one topic, and fails at whatever was told twice or of somebody who is not there.</summary>
internal sealed class HubFold
{
    private HashSet<(string Key, string Ref)>? _presences;

    public int Diffs { get; private set; }

    public void Apply(HubMessage message)
    {
        if (message.Name == HubMessage.State)
        {
            Assert.Null(_presences);
            _presences = [.. HubMessage.Refs(message.Data)];
            return;
        }

        Diffs++;
        Assert.NotNull(_presences);
        foreach (var joined in message.JoinedRefs)
        {
            Assert.True(_presences.Add(joined), $"told twice that {joined} joined");
        }

        foreach (var left in message.LeftRefs)
        {
            Assert.True(_presences.Remove(left), $"told that {left} left, who was not there");
        }
    }

    public bool Lists(string key) => _presences?.Any(presence => presence.Key == key) == true;

    public void AssertEqualTo(PresenceTracker.Protocol.Presences.TopicView view) =>
        Assert.Equal(view.Select(presence => (presence.Key, presence.Ref)).Order(), _presences!.Order());
}

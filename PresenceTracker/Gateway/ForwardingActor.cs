using Akka.Actor;

namespace PresenceTracker.Gateway;

/// <summary>One subscription of an actor: hands it the snapshot and each diff, in the gateway's name, for as long as it lives.</summary>
internal sealed class ForwardingActor : ReceiveActor
{
    private readonly CancellationTokenSource _end = new();
    private readonly Tracker _tracker;
    private readonly IActorRef _subscriber;
    private readonly string _topic;

    public ForwardingActor(Tracker tracker, IActorRef subscriber, string topic)
    {
        _tracker = tracker;
        _subscriber = subscriber;
        _topic = topic;
        Receive<Next>(next =>
        {
            _subscriber.Tell(next.News, Context.Parent);
            next.Taken.SetResult();
        });
        Receive<Status.Failure>(failure =>
        {
            _subscriber.Tell(failure, Context.Parent);
            Context.Stop(Self);
        });
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    protected override void PreStart()
    {
        Context.Watch(_subscriber);
        ForwardAsync(Self, _end.Token).PipeTo(Self);
    }

    protected override void PostStop() => _end.Cancel();

    /// <summary>Owns the subscription, so that it ends whenever this does. Reads on only when the last news were taken.</summary>
    private async Task ForwardAsync(IActorRef self, CancellationToken end)
    {
        try
        {
            await using var subscription = await _tracker.SubscribeAsync(_topic, end);
            await HandAsync(subscription.Snapshot);
            await foreach (var diff in subscription.Diffs(end))
            {
                await HandAsync(diff);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The subscriber has gone or wants no more.
        }

        Task HandAsync(object news)
        {
            var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            self.Tell(new Next(news, taken), ActorRefs.NoSender);
            return taken.Task.WaitAsync(end);
        }
    }

    private sealed record Next(object News, TaskCompletionSource Taken);
}

using Akka.Actor;

namespace PresenceTracker.Gateway;

/// <summary>
/// One subscription of an actor: hands it the snapshot and each diff, in the gateway's name, for as long as it lives. Once a window of them is
/// under way it waits until the subscriber has come to their end; a subscription that is read so slowly takes its reader to the present state
/// in one diff.
/// </summary>
internal sealed class ForwardingActor : ReceiveActor
{
    /// <summary>How many of them the subscriber may have in its mailbox.</summary>
    internal const int Window = 64;

    private readonly CancellationTokenSource _end = new();
    private readonly Tracker _tracker;
    private readonly IActorRef _subscriber;
    private readonly string _topic;
    private int _underWay;

    public ForwardingActor(Tracker tracker, IActorRef subscriber, string topic)
    {
        _tracker = tracker;
        _subscriber = subscriber;
        _topic = topic;
        Receive<Next>(next =>
        {
            _subscriber.Tell(next.News, Context.Parent);
            if (++_underWay < Window)
            {
                next.Taken.SetResult();
                return;
            }

            // Every actor answers it in the order of its mailbox, whatever its code does.
            _underWay = 0;
            _subscriber.Tell(new Identify(next), Self);
        });
        Receive<ActorIdentity>(answer => ((Next)answer.MessageId).Taken.SetResult());
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
            await HandAsync(subscription.TakeSnapshot());
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

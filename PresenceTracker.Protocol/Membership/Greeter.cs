using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Membership;

/// <summary>Greets seeds, nodes heard of from others, and lost addresses, and knows when the first contact is over.</summary>
internal sealed class Greeter(MembershipOptions options, OwnLife self, AddressBook addresses, Admission admission)
{
    private ulong _greetingToken;
    private ulong _firstContactToken;
    private ImmutableArray<string> _unanswered;
    private bool _awaitsMoreSeeds;

    /// <summary>Whether somebody is to be met who has not answered yet, or is not known yet.</summary>
    public bool AwaitsAnswer => _awaitsMoreSeeds || !addresses.UnansweredSeeds.IsEmpty;

    public void Start(MembershipStep step)
    {
        SetSeeds(options.Seeds, options.AwaitsMoreSeeds, step);
        ScheduleNext(step);
        if (!self.IsAnnounceable)
        {
            step.Schedule(new MembershipTimer.FirstContactOver(++_firstContactToken), options.FirstContact);
        }
    }

    /// <summary>Greets new seeds at once.</summary>
    public void SetSeeds(ImmutableArray<string> named, bool awaitsMore, MembershipStep step)
    {
        _awaitsMoreSeeds = awaitsMore;
        var seeds = new SortedSet<string>(named, StringComparer.Ordinal);
        seeds.Remove(self.Address);
        addresses.KeepSeeds(seeds);
        foreach (var seed in seeds)
        {
            if (addresses.Note(seed) is not { } contact)
            {
                ReportFullBook(seed, step);
                continue;
            }

            contact.IsSeed = true;
            if (!contact.HasAnswered && !contact.IsPending) Greet(seed, step);
        }

        ReviewSeeds(step);
    }

    /// <summary>Whether it was time to greet.</summary>
    public bool OnGreetingDue(ulong token, MembershipStep step)
    {
        if (token != _greetingToken) return false;

        ScheduleNext(step);
        foreach (var contact in addresses.TakeDue(step.Now))
        {
            SayHello(contact, step);
        }

        return true;
    }

    public void OnFirstContactOver(ulong token, MembershipStep step)
    {
        if (token == _firstContactToken) BecomeAnnounceable(step);
    }

    /// <summary>Greets the address now, and then again and again until it answers.</summary>
    public void Greet(string address, MembershipStep step)
    {
        if (!admission.Admits(address)) return;
        if (addresses.Note(address) is not { } contact)
        {
            ReportFullBook(address, step);
            return;
        }

        if (contact.IsSelf) return;
        contact.Await(step.Now);
        SayHello(contact, step);
    }

    /// <summary>As <see cref="Greet"/>, but if that was just done, the next greeting comes in its time.</summary>
    public void GreetIfNotJustDone(string address, MembershipStep step)
    {
        if (addresses.TryGet(address, out var contact)
            && contact is { IsSelf: false, GreetedAt: { } last }
            && step.Now - last < options.GreetingInterval)
        {
            contact.Await(step.Now);
        }
        else
        {
            Greet(address, step);
        }
    }

    /// <summary>Looks whether the seeds have all answered, after one of them may have.</summary>
    public void ReviewSeeds(MembershipStep step)
    {
        var unanswered = addresses.UnansweredSeeds;
        if (_awaitsMoreSeeds && unanswered.IsEmpty) return;
        if (_unanswered.IsDefault || !unanswered.SequenceEqual(_unanswered))
        {
            _unanswered = unanswered;
            step.Emit(new MembershipEffect.SeedsContacted(unanswered));
        }

        if (unanswered.IsEmpty) BecomeAnnounceable(step);
    }

    public void ReportFullBook(string address, MembershipStep step) => step.Report(
        MembershipViolationKind.TooManyAddresses,
        address,
        $"{addresses.Count} addresses are known already ({nameof(MembershipOptions.AddressesMax)})");

    private void BecomeAnnounceable(MembershipStep step)
    {
        if (self.IsAnnounceable) return;
        self.BecomeAnnounceable();
        step.Emit(new MembershipEffect.Announceable(self.Node));
    }

    private void SayHello(Contact contact, MembershipStep step)
    {
        contact.Greeted(step.Now);
        var proof = HandshakeProof.OfHello(options.Token, self.Node, contact.Address);
        step.Send(
            contact.Address,
            new MembershipMessage.Hello(
                self.Record, contact.Address, MembershipOptions.ProtocolVersion, options.ClusterName, options.ShardCount, proof));
    }

    private void ScheduleNext(MembershipStep step) =>
        step.Schedule(new MembershipTimer.GreetingDue(++_greetingToken), options.GreetingInterval);
}

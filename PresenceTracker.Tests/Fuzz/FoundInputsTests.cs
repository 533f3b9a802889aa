using System.Text;
using System.Text.Json;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Http;
using PresenceTracker.SignalR.Hubs;
using Xunit;

namespace PresenceTracker.Tests.Fuzz;

/// <summary>What random inputs have found at the edge. What they found at the node port is in <c>HostileBytesTests</c>.</summary>
public sealed class FoundInputsTests
{
    [Fact]
    public void An_argument_of_the_hub_that_is_not_valid_utf8_is_refused_as_a_meta() =>
        Assert.Equal(
            "not valid UTF-8",
            Assert.Throws<InvalidMetaException>(() => PresenceHub.MetaOf(JsonElement.Parse([.. "{\"a\":\""u8, 0x9F, .. "\"}"u8]))).Fault);

    [Fact]
    public void A_refusal_does_not_repeat_a_long_word()
    {
        var word = new string('t', 4_000);
        Assert.Null(Meta.TryParse($$"""{"a":{{word}}}""", out var fault));
        Assert.Equal("not JSON without duplicate members of at most 32 levels: at byte 6 of line 0, from 0", fault);

        Assert.Equal("not JSON, from byte 20 on", ErrorOf($$"""{"topic":"t","key":{{word}}}"""));
        Assert.Equal("a member is unknown", ErrorOf($$"""{"{{word}}":1}"""));
    }

    private static string ErrorOf(string line)
    {
        Assert.False(PresenceLine.TryParse(
            new JsonLine(1, Encoding.UTF8.GetBytes(line), IsTooLong: false),
            Owner.Lease(TimeSpan.FromSeconds(30)),
            new PresenceTrackerOptions().Read().Settings,
            out _,
            out var error));
        return error;
    }
}

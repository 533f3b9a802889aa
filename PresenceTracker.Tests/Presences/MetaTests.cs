using CsCheck;
using PresenceTracker.Protocol.Presences;
using Xunit;

namespace PresenceTracker.Tests.Presences;

public sealed class MetaTests
{
    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":["\udc00\ud800"]}""")]
    [InlineData("""{"a":1e999999}""")]
    [InlineData("""{"a":1E-99999}""")]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"\u0061":1}""")]
    [InlineData("""{"phx_ref":1}""")]
    [InlineData("""{"phx\u005fref_prev":1}""")]
    [InlineData("""{"a":1} x""")]
    [InlineData("[]")]
    [InlineData("")]
    public void What_could_not_be_read_or_compared_later_is_no_meta(string json)
    {
        Assert.Null(Meta.TryParse(json, out var error));
        Assert.NotNull(error);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { (byte)'{', (byte)'"', (byte)'a', (byte)'"', (byte)':', (byte)'"', 0xC3, (byte)'"', (byte)'}' })]
    public void Invalid_utf8_is_no_meta(byte[] utf8) => Assert.Null(Meta.TryParse(utf8, out _));

    [Fact]
    public void Whatever_is_taken_can_be_compared()
    {
        var text = Gen.OneOf("a", "ü", "\\ud83d", "\\ude00", "\\ud83d\\ude00", "\\n", "").Array[0, 3]
            .Select(pieces => '"' + string.Concat(pieces) + '"');
        var number = Gen.OneOf("0", "-1", "0.10", "1e2", "1e9999", "-0.1E-9999", "1e99999", "1e999999", "1e+2147483648");
        var value = Gen.OneOf(text, number, text.Select(inner => $"[{inner},null]"), text.Select(inner => $"{{{inner}:true}}"));
        Gen.Select(text, value).Array[0, 3]
            .Select(members => "{" + string.Join(',', members.Select(member => $"{member.Item1}:{member.Item2}")) + "}")
            .Sample(json =>
            {
                var meta = Meta.TryParse(json, out _);
                var respelt = Meta.TryParse(" " + json, out _);
                return meta is null ? respelt is null : meta.StructurallyEquals(respelt!);
            });
    }
}

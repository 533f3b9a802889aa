using System.Runtime.CompilerServices;
using System.Text;
using Google.Protobuf.Reflection;
using PresenceTracker.Wire;
using PresenceTracker.Wire.Schema;
using Xunit;

namespace PresenceTracker.Tests.Wire;

/// <summary>
/// The wire as text, so that a change of it is read by people before other nodes read it. The approved text is changed by hand.
/// </summary>
public sealed class WireContractTests
{
    [Fact]
    public void The_wire_is_as_approved()
    {
        var approved = File.ReadAllText(ApprovedPath());
        var actual = Contract();
        if (approved != actual)
        {
            var added = actual.Split('\n').Except(approved.Split('\n')).Select(line => "+ " + line);
            var gone = approved.Split('\n').Except(actual.Split('\n')).Select(line => "- " + line);
            Assert.Fail(
                $"the wire is not as approved:\n{string.Join('\n', gone.Concat(added))}\n\nIf it shall change, this is the new text:\n{actual}");
        }
    }

    [Fact]
    public void Every_manifest_names_a_message_of_the_schema() =>
        Assert.All(
            PresenceSerializer.Kinds,
            kind => Assert.NotNull(PresenceReflection.Descriptor.FindTypeByName<MessageDescriptor>(kind.Message.Name)));

    private static string Contract()
    {
        var text = new StringBuilder();
        text.Append($"serializer {PresenceSerializer.Number}\n");
        foreach (var kind in PresenceSerializer.Kinds)
        {
            text.Append($"manifest {kind.Manifest} = {kind.Message.Name}\n");
        }

        foreach (var message in PresenceReflection.Descriptor.MessageTypes.OrderBy(message => message.Name, StringComparer.Ordinal))
        {
            text.Append($"\nmessage {message.Name}\n");
            foreach (var field in message.Fields.InFieldNumberOrder())
            {
                text.Append($"  {field.FieldNumber} {field.Name} {TypeOf(field)}\n");
            }
        }

        return text.ToString();
    }

    private static string TypeOf(FieldDescriptor field)
    {
        var type = field.FieldType == FieldType.Message ? field.MessageType.Name : field.FieldType.ToString().ToLowerInvariant();
        return (field.IsRepeated, field.IsPacked && field.FieldType != FieldType.Message, field.ToProto().Proto3Optional) switch
        {
            (true, true, _) => $"{type} packed",
            (true, false, _) => $"{type} repeated",
            (_, _, true) => $"{type} optional",
            _ => type,
        };
    }

    private static string ApprovedPath([CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "wire.approved.txt");
}

using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Tests.Fuzz;

/// <summary>
/// Changes one field of a Protobuf message, at any depth, and keeps what is around it well-formed: so the change reaches the rules about
/// what fields mean, and does not end at the first wrong length.
/// </summary>
internal static class FieldMutator
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;
    private const int Fixed32 = 5;

    // More copies than any list may have entries.
    private const int CopiesMax = 3_000;

    private static readonly ulong[] Boundaries =
        [0, 1, 2, 127, 128, 255, 256, 257, 1_000, 1_365, 4_096, 65_536, int.MaxValue, uint.MaxValue, 1UL << 32, long.MaxValue, 1UL << 63, ulong.MaxValue];

    /// <returns>The message as it is if it is not well-formed.</returns>
    public static byte[] Mutate(Prng prng, byte[] message, byte[] other, int lengthMax)
    {
        var fields = Parse(message);
        if (fields.Count == 0)
        {
            return message;
        }

        var chosen = prng.Next(fields.Count);
        var field = fields[chosen];
        if (field.Type == Bytes && prng.Next(3) > 0 && Parse(field.Value).Count > 0)
        {
            return Replaced(message, field, Encode(field.Number, Mutate(prng, field.Value, other, lengthMax)));
        }

        var whole = message[field.Start..field.End];
        switch (prng.Next(9))
        {
            case 0:
                return Replaced(message, field, []);
            case 1:
                return Replaced(message, field, [.. whole, .. whole]);
            case 2:
                var copies = Math.Min(prng.Next(CopiesMax), Math.Max(0, lengthMax - message.Length) / whole.Length);
                return Replaced(message, field, [.. Enumerable.Repeat(whole, copies + 1).SelectMany(copy => copy)]);
            case 3:
                return [.. Replaced(message, field, []), .. whole];
            case 4:
                var fromOther = Parse(other);
                return fromOther.Count == 0
                    ? message
                    : Replaced(message, field, Encode(field.Number, fromOther[prng.Next(fromOther.Count)].Value));
            case 5:
                return Replaced(message, field, [.. Tag(prng.Next(70), field.Type), .. whole[1..]]);
            case 6:
                return Replaced(message, field, [.. Tag(field.Number, prng.Next(8)), .. field.Value]);
            case 7:
                // A length that is not the one of what follows.
                return Replaced(message, field, [.. Tag(field.Number, Bytes), .. VarintOf(Boundary(prng)), .. field.Value]);
            default:
                return Replaced(message, field, [.. Tag(field.Number, Varint), .. VarintOf(Boundary(prng))]);
        }
    }

    private static ulong Boundary(Prng prng) => Boundaries[prng.Next(Boundaries.Length)] + (ulong)prng.Next(3) - 1;

    private static byte[] Replaced(byte[] message, Field field, byte[] by) => [.. message[..field.Start], .. by, .. message[field.End..]];

    private static byte[] Encode(int number, byte[] value) => [.. Tag(number, Bytes), .. VarintOf((ulong)value.Length), .. value];

    private static byte[] Tag(int number, int type) => VarintOf((ulong)number << 3 | (uint)type);

    private static byte[] VarintOf(ulong number)
    {
        var bytes = new List<byte>();
        for (; number >= 0x80; number >>= 7)
        {
            bytes.Add((byte)(number | 0x80));
        }

        bytes.Add((byte)number);
        return [.. bytes];
    }

    /// <returns>Empty unless the whole of it is fields.</returns>
    private static List<Field> Parse(byte[] message)
    {
        var fields = new List<Field>();
        var at = 0;
        while (at < message.Length)
        {
            var start = at;
            if (!TryTake(message, ref at, out var tag) || tag >> 3 is 0 or > 1_000)
            {
                return [];
            }

            var value = at;
            ulong length = 0;
            var isWhole = (tag & 7) switch
            {
                Varint => TryTake(message, ref at, out _),
                Fixed64 => (length = sizeof(ulong)) > 0,
                Fixed32 => (length = sizeof(uint)) > 0,
                Bytes => TryTake(message, ref at, out length) && (value = at) >= 0,
                _ => false,
            };
            if (!isWhole || length > (ulong)(message.Length - at))
            {
                return [];
            }

            at += (int)length;
            fields.Add(new Field((int)(tag >> 3), (int)(tag & 7), start, at, message[value..at]));
        }

        return fields;
    }

    private static bool TryTake(byte[] message, ref int at, out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 64 && at < message.Length; shift += 7)
        {
            var octet = message[at++];
            number |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Field(int Number, int Type, int Start, int End, byte[] Value);
}

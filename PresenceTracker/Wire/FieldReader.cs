using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace PresenceTracker.Wire;

/// <summary>
/// Reads the fields of one Protobuf message in place. The generated classes only write: their parsers build lists before anybody can count
/// them, and turn invalid UTF-8 into other text. Here a field is looked at before anything is built of it. Deviation: in Protobuf the last
/// of several wins where one is expected; here the second is refused, because no node writes it, and each would cost memory.
/// </summary>
/// <param name="message">The encoded message.</param>
internal ref struct FieldReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;
    private ReadOnlySpan<byte> _bytes;
    private ulong _number;
    private ulong _seen;
    private WireType _type;

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    /// <summary>The number of the field that <see cref="Next"/> has found.</summary>
    public int Field { get; private set; }

    /// <summary>How often a field is in a message; looked at before a list is built of it.</summary>
    /// <exception cref="WireFormatException">More than <paramref name="max"/> times.</exception>
    public static int CountOf(ReadOnlySpan<byte> message, int field, int max)
    {
        var count = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == field && ++count > max)
            {
                throw new WireFormatException($"more than {max} of one field");
            }
        }

        return count;
    }

    /// <summary>Goes on to the next field. A field whose value is not asked for is thereby skipped, as unknown fields must be.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = TakeVarint();
        var field = tag >> 3;
        if (field is 0 or > 536_870_911)
        {
            throw new WireFormatException("a field has an impossible number");
        }

        Field = (int)field;
        _type = (WireType)(tag & 7);
        switch (_type)
        {
            case WireType.Varint:
                _number = TakeVarint();
                break;
            case WireType.Fixed64:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case WireType.Bytes:
                _bytes = Take(TakeVarint());
                break;
            case WireType.Fixed32:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw new WireFormatException("a field has an unknown type");
        }

        return true;
    }

    public ulong Number()
    {
        ExpectOne(WireType.Varint);
        return _number;
    }

    public ulong Fixed64()
    {
        ExpectOne(WireType.Fixed64);
        return _number;
    }

    public bool Flag() => Number() != 0;

    /// <summary>A nested message, or plain bytes.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        ExpectOne(WireType.Bytes);
        return _bytes;
    }

    /// <summary>A nested message of which there may be several.</summary>
    public readonly ReadOnlySpan<byte> Element()
    {
        Expect(WireType.Bytes);
        return _bytes;
    }

    public int Number(int min, int max, string what)
    {
        var number = Number();
        return number <= (ulong)max && (int)number >= min
            ? (int)number
            : throw new WireFormatException($"{what} is {number}, not {min} to {max}");
    }

    public string Text(int bytesMax, string what) => TextOf(Bytes(), bytesMax, what);

    /// <summary>A text of which there may be several.</summary>
    public readonly string TextElement(int bytesMax, string what) => TextOf(Element(), bytesMax, what);

    private static string TextOf(ReadOnlySpan<byte> bytes, int bytesMax, string what)
    {
        if (bytes.Length > bytesMax)
        {
            throw new WireFormatException($"{what} has {bytes.Length} bytes, more than {bytesMax}");
        }

        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new WireFormatException($"{what} is not valid UTF-8");
    }

    private readonly void Expect(WireType type)
    {
        if (_type != type)
        {
            throw new WireFormatException($"field {Field} is of type {_type}");
        }
    }

    private void ExpectOne(WireType type)
    {
        Expect(type);

        // The fields that anybody asks for have low numbers.
        var bit = 1UL << Field;
        if ((_seen & bit) != 0)
        {
            throw new WireFormatException($"field {Field} is there twice");
        }

        _seen |= bit;
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw new WireFormatException("a field ends after its message");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private ulong TakeVarint() => Varint.Take(ref _rest);
}

using System.Text;

namespace PresenceTracker.Errors;

/// <summary>As much of a caller's text as a message can show.</summary>
internal static class Excerpt
{
    private const int CharactersMax = 100;

    public static string Of(string text)
    {
        if (text.Length <= CharactersMax)
        {
            return text;
        }

        // Not between the halves of a surrogate pair.
        var length = char.IsHighSurrogate(text[CharactersMax - 1]) ? CharactersMax - 1 : CharactersMax;
        return string.Concat(text.AsSpan(0, length), "…");
    }

    // No character is longer than four bytes.
    public static string Of(ReadOnlySpan<byte> utf8) => Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * (CharactersMax + 1))]));
}

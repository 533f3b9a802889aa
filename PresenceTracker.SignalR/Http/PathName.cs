namespace PresenceTracker.SignalR.Http;

/// <summary>A topic or a key as one segment of a path, decoded. <see cref="PathNamesMiddleware"/> has put it there encoded.</summary>
internal readonly record struct PathName(string Value) : IParsable<PathName>
{
    public static PathName Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var name) ? name : throw new FormatException("not percent-encoded UTF-8");

    public static bool TryParse(string? s, IFormatProvider? provider, out PathName result)
    {
        var isDecoded = PercentEncoding.TryDecode(s, out var text);
        result = new PathName(text ?? "");
        return isDecoded;
    }

    public override string ToString() => Value;
}

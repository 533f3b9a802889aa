using System.Collections;
using System.Reflection;

namespace PresenceTracker.Tests.Wire;

/// <summary>
/// The whole content of a message as text, so that two can be compared: presences and arrays are equal by reference only.
/// </summary>
internal static class Described
{
    public static string Whole(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        IConvertible or TimeSpan => value.ToString()!,
        IEnumerable items when IsDefault(items) => "default",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Whole))}]",
        Protocol.Presences.Meta meta => meta.ToString(),
        _ => $"{value.GetType().Name}({string.Join(", ", Properties(value))})",
    };

    private static IEnumerable<string> Properties(object value) =>
        value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => $"{property.Name}={Whole(property.GetValue(value))}");

    private static bool IsDefault(IEnumerable items) => items.GetType().GetProperty("IsDefault")?.GetValue(items) is true;
}

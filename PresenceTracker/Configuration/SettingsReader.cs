using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Akka.Configuration;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Configuration;

/// <summary>
/// Reads one section and notes every fault instead of stopping at the first. A setting with a fault reads as the least value allowed, which
/// nobody may use.
/// </summary>
internal sealed class SettingsReader(Config config, string section)
{
    // What a setting says whose value shall be that of a preset.
    private const string AsPreset = "preset";

    private readonly List<ConfigurationFault> _faults = [];

    public IReadOnlyList<ConfigurationFault> Faults => _faults;

    public string Choice(string key, params string[] choices)
    {
        var allowed = string.Join(", ", choices);
        var text = Read(key, allowed, path => config.GetString(path));
        if (text is not null && choices.Contains(text))
        {
            return text;
        }

        if (text is not null)
        {
            Fault(key, text, allowed);
        }

        return choices[0];
    }

    public string Text(string key, int bytesMin, int bytesMax)
    {
        var allowed = $"text of {bytesMin} to {bytesMax} bytes of UTF-8";
        var text = Read(key, allowed, path => config.GetString(path));
        return text is not null && Within(key, Encoding.UTF8.GetByteCount(text), bytesMin, bytesMax, text, allowed) ? text : "";
    }

    /// <summary>Text that no fault shows; null if it is empty.</summary>
    public SharedToken? Secret(string key)
    {
        const string hidden = "(hidden)";
        var (min, max) = (SharedToken.BytesMin, SharedToken.BytesMax);
        var allowed = $"nothing, or text of {min} to {max} bytes of UTF-8";
        var value = config.GetValue(PathOf(key));
        if (!value.IsString())
        {
            Fault(key, hidden, allowed);
            return null;
        }

        var text = value.GetString();
        return text.Length > 0 && Within(key, Encoding.UTF8.GetByteCount(text), min, max, hidden, allowed) ? new SharedToken(text) : null;
    }

    /// <summary>Null if it is empty.</summary>
    public string? AbsolutePath(string key)
    {
        const string allowed = "nothing, or an absolute path of a file";
        var text = Read(key, allowed, path => config.GetString(path));
        if (text is null or "" || (Path.IsPathFullyQualified(text) && Path.GetFileName(text).Length > 0))
        {
            return text is "" ? null : text;
        }

        Fault(key, text, allowed);
        return null;
    }

    public IPEndPoint MulticastGroup(string key)
    {
        const string allowed = "an IPv4 address from 224.0.0.0 to 239.255.255.255 with a port from 1 to 65535";
        var text = Read(key, allowed, path => config.GetString(path));
        if (text is not null && IPEndPoint.TryParse(text, out var group) && group.Port > 0 && group.Address.GetAddressBytes() is [>= 224 and < 240, _, _, _])
        {
            return group;
        }

        Fault(key, text ?? "", allowed);
        return new IPEndPoint(IPAddress.None, 1);
    }

    public int Integer(string key, int min, int max, int? preset = null)
    {
        var allowed = $"a whole number from {min} to {max}{(preset is null ? "" : $" or {AsPreset}")}";
        var text = Read(key, allowed, path => config.GetString(path));
        if (text is null)
        {
            return min;
        }

        if (preset is { } known && text == AsPreset)
        {
            return known;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            Fault(key, text, allowed);
            return min;
        }

        return Within(key, number, min, max, text, allowed) ? (int)number : min;
    }

    public int Bytes(string key, int min, int max)
    {
        var allowed = $"{min} b to {max} b";
        var bytes = Read(key, allowed, path => config.GetByteSize(path));
        return bytes is { } known && Within(key, known, min, max, config.GetString(PathOf(key)), allowed) ? (int)known : min;
    }

    public TimeSpan Duration(string key, TimeSpan min, TimeSpan max, TimeSpan? preset = null)
    {
        var allowed = $"a time with its unit from {min:c} to {max:c}{(preset is null ? "" : $" or {AsPreset}")}";

        // A fault must not make another setting, whose limits depend on this one, look like one.
        var otherwise = preset ?? min;
        var text = Read(key, allowed, path => config.GetString(path));
        if (text is null)
        {
            return otherwise;
        }

        if (preset is { } asPreset && text == AsPreset)
        {
            return Within(key, asPreset.Ticks, min.Ticks, max.Ticks, $"{asPreset:c}", allowed) ? asPreset : min;
        }

        // Akka takes a bare number for milliseconds. Who writes "5" meant seconds as often, so a unit is asked for.
        if (text.Length > 0 && char.IsAsciiDigit(text[^1]) && text.Any(c => c is not ('0' or '.')))
        {
            Fault(key, text, allowed);
            return otherwise;
        }

        var time = Read(key, allowed, path => (TimeSpan?)config.GetTimeSpan(path, null, allowInfinite: false));
        return time is { } known && Within(key, known.Ticks, min.Ticks, max.Ticks, text, allowed) ? known : otherwise;
    }

    public bool Flag(string key) => Read(key, "on or off", path => (bool?)config.GetBoolean(path)) ?? false;

    public ImmutableArray<string> Addresses(string key, int countMax)
    {
        var allowed = $"a list of at most {countMax} addresses, each {NodeAddress.Form}";
        // Akka reads a single text as an empty list, and knows no difference between an empty list and no text.
        var value = config.GetValue(PathOf(key));
        if (!value.IsArray() && value.GetString() is { Length: > 0 } single)
        {
            Fault(key, single, allowed);
            return [];
        }

        var addresses = Read(key, allowed, path => config.GetStringList(path));
        if (addresses is null || !Within(key, addresses.Count, 0, countMax, $"{addresses.Count} addresses", allowed))
        {
            return [];
        }

        foreach (var address in addresses.Where(address => !NodeAddress.IsValid(address)))
        {
            Fault(key, address, allowed);
        }

        return [.. addresses];
    }

    /// <summary>Of these paths either each is set or none is.</summary>
    public void AllOrNone(params string[] keys)
    {
        var missing = keys.Where(key => config.GetString(PathOf(key)) is "").ToList();
        if (missing.Count < keys.Length)
        {
            missing.ForEach(key => Fault(key, "", $"an absolute path of a file, because {string.Join(" or ", keys.Except(missing).Select(PathOf))} is set"));
        }
    }

    private T? Read<T>(string key, string allowed, Func<string, T?> read)
    {
        try
        {
            return read(PathOf(key));
        }
        catch (Exception malformed)
            when (malformed is FormatException or OverflowException or NotSupportedException or ConfigurationException)
        {
            var value = config.GetValue(PathOf(key));
            Fault(key, value.IsString() ? value.GetString() : value.ToString().Trim(), allowed);
            return default;
        }
    }

    private bool Within(string key, long value, long min, long max, string shown, string allowed)
    {
        if (value >= min && value <= max)
        {
            return true;
        }

        Fault(key, shown, allowed);
        return false;
    }

    private void Fault(string key, string value, string allowed) => _faults.Add(new ConfigurationFault(PathOf(key), value, allowed));

    private string PathOf(string key) => $"{section}.{key}";
}

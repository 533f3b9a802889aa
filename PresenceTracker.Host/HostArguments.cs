using System.Text;
using System.Text.RegularExpressions;

namespace PresenceTracker.Host;

/// <summary>The arguments of the program. What is unknown is refused: a misspelt option would otherwise be a default in disguise.</summary>
internal static partial class HostArguments
{
    public const string Help = "--help";
    public const string Version = "--version";

    /// <summary>The arguments as configuration: <c>--name value</c>, <c>--name=value</c>, or <c>--name</c> alone for a switch.</summary>
    /// <param name="faults">An argument that is unknown, comes twice, or lacks its value is told here, and left out.</param>
    public static IReadOnlyDictionary<string, string?> Parse(IReadOnlyList<string> arguments, List<string> faults)
    {
        var settings = new Dictionary<string, string?>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = arguments[i].Split('=', 2) is [var left, var right] ? (left, right) : (arguments[i], null);
            if (HostOption.All.FirstOrDefault(option => option.Argument == name) is not { } option)
            {
                faults.Add($"unknown argument {arguments[i]}; {Help} lists all");
                continue;
            }

            if (option.Value is null)
            {
                value ??= bool.TrueString;
            }
            else if (value is null)
            {
                if (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
                {
                    faults.Add($"{name} needs a value: {name} {option.Value}");
                    continue;
                }

                i++;
                value = arguments[i];
            }

            if (!settings.TryAdd(option.Key, value))
            {
                faults.Add($"{name} is given twice");
            }
        }

        return settings;
    }

    /// <summary>What of the environment is an option of the program, as configuration. An empty variable is given, and says nothing.</summary>
    public static IReadOnlyDictionary<string, string?> FromEnvironment() =>
        (from option in HostOption.All
         let value = Environment.GetEnvironmentVariable(option.Variable)
         where value is not null
         select KeyValuePair.Create(option.Key, (string?)value)).ToDictionary();

    /// <summary>
    /// The variables that look like options and are none, perhaps misspelt. Those that Kubernetes sets for a service called <c>presence</c>, or
    /// something that begins so, are left out.
    /// </summary>
    public static IEnumerable<string> Unknown(IEnumerable<string> variables) => variables
        .Where(variable => variable.StartsWith(HostOption.VariablePrefix, StringComparison.Ordinal) && !OfKubernetes().IsMatch(variable))
        .Except(HostOption.All.Select(option => option.Variable))
        .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^PRESENCE_PORT|^PRESENCE_(\w+_)?(SERVICE_|PORT_\d+_)")]
    private static partial Regex OfKubernetes();

    public static string HelpText()
    {
        var text = new StringBuilder($"{HostProgram.Name}: a presence node with an HTTP API.\n\n");
        foreach (var option in HostOption.All)
        {
            text.Append($"  {option.Argument + " " + option.Value,-32} {option.Help}\n");
        }

        return text.Append(
            $"""

            Each is also a variable of the environment ({HostOption.NodePort.Variable}=4053) and a member of "{HostOption.Section}" in
            appsettings.json beside the program ("{HostOption.NodePort.Name}": 4053); arguments rule over the environment, and that over the file.
            """).ToString();
    }
}

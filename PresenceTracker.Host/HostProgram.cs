using System.Reflection;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;

namespace PresenceTracker.Host;

/// <summary>The life of the process: what cannot start says why in one line, and the exit code is not 0.</summary>
internal static class HostProgram
{
    public const string Name = "PresenceTracker";

    private const int Failed = 1;

    public static string Version { get; } =
        typeof(HostProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is [HostArguments.Help])
        {
            Console.WriteLine(HostArguments.HelpText());
            return 0;
        }

        if (arguments is [HostArguments.Version])
        {
            Console.WriteLine($"{Name} {Version}");
            return 0;
        }

        try
        {
            await using var app = HostApplication.Build(arguments);
            await HostApplication.StartAsync(app);
            await app.WaitForShutdownAsync();
            return app.Services.GetRequiredService<NodeWatch>().HasFailed ? Failed : 0;
        }
        catch (Exception refused) when (refused is HostStartException or PresenceConfigurationException or NodeStartException)
        {
            await Console.Error.WriteLineAsync($"{Name} cannot start: {refused.Message}");
            return Failed;
        }
    }
}

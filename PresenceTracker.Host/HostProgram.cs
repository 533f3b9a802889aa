using System.Reflection;
using System.Runtime.InteropServices;
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

        return await StartAndServeAsync(arguments);
    }

    private static async Task<int> StartAndServeAsync(string[] arguments)
    {
        // From the beginning: the application takes them only once it starts.
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var hasStarted = false;
        try
        {
            await using var app = HostApplication.Build(arguments);
            await using var ended = stop.Token.Register(app.Lifetime.StopApplication);
            try
            {
                await HostApplication.StartAsync(app);
            }
            catch (Exception) when (stop.IsCancellationRequested || app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // What was still to start gives up in its own way; it was asked to.
                return 0;
            }

            hasStarted = true;
            await app.WaitForShutdownAsync();
            return app.Services.GetRequiredService<NodeWatch>().HasFailed ? Failed : 0;
        }
        catch (Exception refused) when (!hasStarted)
        {
            await Console.Error.WriteLineAsync($"{Name} cannot start: {OneLine(refused)}");
            return Failed;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>Ours say all in their message; others say in those of their causes what exactly was wrong.</summary>
    private static string OneLine(Exception refused)
    {
        var text = refused.Message;
        if (refused is not (HostStartException or PresenceException))
        {
            for (var cause = refused.InnerException; cause is not null; cause = cause.InnerException)
            {
                text += text.Contains(cause.Message, StringComparison.Ordinal) ? "" : " " + cause.Message;
            }
        }

        return text.ReplaceLineEndings(" ");
    }
}

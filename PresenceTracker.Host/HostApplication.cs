using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using PresenceTracker.Errors;
using PresenceTracker.SignalR.Hubs;

namespace PresenceTracker.Host;

/// <summary>Puts the node together: the tracker, its HTTP API and hub, health, metrics.</summary>
internal static partial class HostApplication
{
    private const string HubSection = $"{HostOption.Section}:hub";

    // ASP.NET Core's own setting.
    private const string AllowedHosts = "AllowedHosts";

    // Streams and hub connections end when the stop begins; what is left after this is cut off.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(8);

    // They log what they also throw, with a stack trace; the program says it in one line.
    private static readonly string[] SpeakOfStart =
        ["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel", "Akka.Remote"];

    /// <exception cref="HostStartException">An argument or an option cannot be used; names all, so that one start is enough to find them.</exception>
    public static WebApplication Build(IReadOnlyList<string> arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(HostApplication).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,

            // In development ASP.NET Core shows callers stack traces.
            EnvironmentName = Environments.Production,
        });
        List<string> faults = [];
        builder.Configuration.AddInMemoryCollection(HostArguments.FromEnvironment());
        builder.Configuration.AddInMemoryCollection(HostArguments.Parse(arguments, faults));
        var settings = HostSettings.From(builder.Configuration, faults);
        AddFaultsOfOthers(builder.Configuration, settings, faults);
        if (faults.Count > 0)
        {
            throw new HostStartException(string.Join("; ", faults));
        }

        builder.Configuration[AllowedHosts] ??= settings.AllowedHosts;
        builder.WebHost.UseUrls(settings.Urls);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        WebApplication? app = null;
        foreach (var category in SpeakOfStart)
        {
            builder.Logging.AddFilter(
                category, level => level >= LogLevel.Warning && app is { Lifetime.ApplicationStarted.IsCancellationRequested: true });
        }

        builder.Logging.AddFilter(HubFaultLog.ReplacedCategory, LogLevel.None);

        // The Host has no users: whoever may connect may take any presence key, and that is how it is meant.
        builder.Logging.AddFilter("PresenceTracker.SignalR.Access", LogLevel.Error);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddPresenceTracker(settings.ApplyTo);
        builder.Services.AddPresenceApi(api =>
        {
            api.ApiKey = settings.ApiKey;
            api.EventStreamsMax = settings.EventStreamsMax;
        });
        builder.Services.AddSignalR(signalR => signalR.AddFilter<HubFaultLog>()).AddPresence();
        ConfigureHub(builder.Services, builder.Configuration);
        builder.Services.AddSingleton(settings);
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(
            policy => policy.WithOrigins([.. settings.AllowedOrigins]).AllowAnyHeader().AllowAnyMethod().AllowCredentials()));
        builder.Services.AddSingleton<NodeWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeWatch>());
        builder.Services.AddOpenApi();
        AddMetrics(builder.Services, settings);

        app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = WriteProblemAsync });
        app.UseStatusCodePages(context => WriteProblemAsync(context.HttpContext));
        app.UsePage();
        app.UseCors();
        app.UseMiddleware<OriginMiddleware>();
        app.MapPresenceApi();
        app.MapPresenceHub().RequirePresenceApiKey();
        app.MapPresenceSocket().RequirePresenceApiKey();
        app.MapHealth();
        app.MapOpenApi();
        app.MapPrometheusScrapingEndpoint();
        return app;
    }

    /// <summary>Starts it: the node first, then HTTP.</summary>
    /// <exception cref="HostStartException">
    /// A setting cannot be used, or the node cannot listen or a URL cannot be served, for example because its port is taken.
    /// </exception>
    /// <exception cref="OperationCanceledException">A stop was asked for meanwhile.</exception>
    public static async Task StartAsync(WebApplication app)
    {
        foreach (var variable in HostArguments.Unknown(Environment.GetEnvironmentVariables().Keys.Cast<string>()))
        {
            IgnoresVariable(app.Logger, variable, HostArguments.Help);
        }

        try
        {
            _ = app.Services.GetRequiredService<PresenceNode>();
            await app.StartAsync();
        }
        catch (NodeStartException refused)
        {
            throw StartFaults.From(refused);
        }
        catch (Exception refused) when (refused is CryptographicException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HostStartException($"{refused.Message} (options: those of the certificate, under Kestrel:Certificates or Kestrel:Endpoints)");
        }
        catch (Exception refused) when (refused is IOException or SocketException or FormatException or InvalidOperationException)
        {
            throw new HostStartException($"{refused.Message} (option: {HostOption.Urls.Argument})");
        }
    }

    /// <summary>What the library, the hub and Kestrel would refuse later, one after the other.</summary>
    private static void AddFaultsOfOthers(IConfiguration configuration, HostSettings settings, List<string> faults)
    {
        var options = new PresenceTrackerOptions();
        settings.ApplyTo(options);
        faults.AddRange(options.Faults().Select(StartFaults.Of));
        var services = new ServiceCollection();
        services.AddSignalR().AddPresence();
        ConfigureHub(services, configuration);
        using var provider = services.BuildServiceProvider();
        try
        {
            _ = provider.GetRequiredService<IOptions<PresenceHubOptions>>().Value;
        }
        catch (OptionsValidationException refused)
        {
            faults.AddRange(refused.Failures.Select(failure => $"{failure} (section {HubSection})"));
        }
        catch (InvalidOperationException refused)
        {
            faults.Add($"{refused.Message} (section {HubSection})");
        }

        var certificates = configuration.GetSection("Kestrel:Certificates").GetChildren().Concat(
            configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint.GetSection("Certificate")));
        faults.AddRange(
            from certificate in certificates
            let file = certificate["Path"]
            where file is not null && !File.Exists(Path.Combine(AppContext.BaseDirectory, file))
            select $"{certificate.Path}:Path {file}: there is no such file");
    }

    private static void ConfigureHub(IServiceCollection services, IConfiguration configuration) =>
        services.Configure<PresenceHubOptions>(configuration.GetSection(HubSection), binder => binder.ErrorOnUnknownConfiguration = true);

    // Whatever a caller says that it accepts: what ASP.NET Core would write by itself is plain text then.
    private static Task WriteProblemAsync(HttpContext context) =>
        TypedResults.Problem(statusCode: context.Response.StatusCode).ExecuteAsync(context);

    [LoggerMessage(LogLevel.Warning, "{Variable} in the environment is no option of the program; {Help} lists all")]
    private static partial void IgnoresVariable(ILogger logger, string variable, string help);

    private static void AddMetrics(IServiceCollection services, HostSettings settings) =>
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter("PresenceTracker", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
            metrics.AddPrometheusExporter();
            if (settings.OtlpEndpoint is { } endpoint)
            {
                metrics.AddOtlpExporter(otlp => otlp.Endpoint = endpoint);
            }
        });
}

using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Hubs;

namespace PresenceTracker.SignalR.Enrichment;

/// <summary>
/// Asks the application's enricher, if it has one, and answers in time whatever becomes of that. Thread-safe; no call throws.
/// </summary>
internal sealed partial class EnricherCalls : IDisposable
{
    // An enricher that ignores the end of its time must not pile up calls.
    internal const int UnderWayMax = 32;

    // The topic itself, of which no key has this name.
    private const string Pause = "";

    private static readonly TimeSpan PauseTime = TimeSpan.FromSeconds(5);

    private static readonly FrozenDictionary<string, Meta> Nothing = FrozenDictionary<string, Meta>.Empty;

    private readonly SemaphoreSlim _turns = new(UnderWayMax);
    private readonly IPresenceEnricher? _enricher;
    private readonly PresenceHubOptions _options;
    private readonly int _fieldsBytesMax;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EnrichmentCache _cache;
    private readonly Meter _meter;
    private readonly Counter<long> _fallbacks;

    public EnricherCalls(
        Tracker tracker, IOptions<PresenceHubOptions> options, ILogger<EnricherCalls> logger, IPresenceEnricher? enricher = null,
        TimeProvider? time = null)
    {
        _enricher = enricher;
        _options = options.Value;
        _fieldsBytesMax = tracker.Settings.MetaBytesMax;
        _time = time ?? TimeProvider.System;
        _logger = logger;
        _cache = new EnrichmentCache(_time);
        _meter = new Meter(new MeterOptions("PresenceTracker") { Tags = [new("node", tracker.Self.Address)] });
        _fallbacks = _meter.CreateCounter<long>(
            "presence.enricher.fallbacks", "{message}", "States and diffs with metas alone, because the enricher gave no answer, by why.");
    }

    /// <summary>What there is to show of these keys beside their metas.</summary>
    public async ValueTask<IReadOnlyDictionary<string, Meta>> FetchAsync(string topic, IEnumerable<string> keys)
    {
        if (_enricher is null)
        {
            return Nothing;
        }

        var known = new Dictionary<string, Meta>(StringComparer.Ordinal);
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (!_cache.TryGet(topic, key, out var fields))
            {
                unknown.Add(key);
            }
            else if (fields is not null)
            {
                known[key] = fields;
            }
        }

        if (unknown.Count > 0)
        {
            foreach (var (key, fields) in await AskAsync(topic, unknown))
            {
                known[key] = fields;
            }
        }

        return known;
    }

    public void Dispose() => _meter.Dispose();

    private async Task<IReadOnlyDictionary<string, Meta>> AskAsync(string topic, HashSet<string> keys)
    {
        if (_cache.TryGet(topic, Pause, out _))
        {
            return FallBack("Paused");
        }

        using var overdue = new CancellationTokenSource(_options.EnricherTimeout, _time);
        var turn = _turns.WaitAsync(overdue.Token);
        await turn.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!turn.IsCompletedSuccessfully)
        {
            return Overdue(topic, "Busy");
        }

        // On another thread, because what is called may block.
        var call = Task.Run(() => CallAsync(topic, keys, overdue.Token), CancellationToken.None);
        await ((Task)call).WaitAsync(overdue.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (call.IsCompleted && await call is { } found)
        {
            return found;
        }

        if (!overdue.IsCancellationRequested)
        {
            return FallBack("Failed");
        }

        return Overdue(topic, "Overdue");
    }

    /// <summary>Also keeps an answer that comes too late.</summary>
    /// <returns>Null if there is none.</returns>
    private async Task<IReadOnlyDictionary<string, Meta>?> CallAsync(string topic, HashSet<string> keys, CancellationToken overdue)
    {
        try
        {
            var answer = await _enricher!.FetchAsync(topic, keys, overdue);
            var found = new Dictionary<string, Meta>(StringComparer.Ordinal);
            foreach (var key in keys)
            {
                var fields = answer.GetValueOrDefault(key);
                if (fields?.Utf8.Length > _fieldsBytesMax)
                {
                    LogTooLong(topic, key, fields.Utf8.Length, _fieldsBytesMax);
                    fields = null;
                }

                _cache.Set(topic, key, fields, _options.EnricherCacheTime);
                if (fields is not null)
                {
                    found[key] = fields;
                }
            }

            return found;
        }
        catch (OperationCanceledException) when (overdue.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception fault)
        {
            _cache.Set(topic, Pause, null, PauseTime);
            LogFault(fault, topic);
            return null;
        }
        finally
        {
            _turns.Release();
        }
    }

    private FrozenDictionary<string, Meta> Overdue(string topic, string why)
    {
        _cache.Set(topic, Pause, null, PauseTime);
        LogOverdue(topic, _options.EnricherTimeout);
        return FallBack(why);
    }

    private FrozenDictionary<string, Meta> FallBack(string why)
    {
        _fallbacks.Add(1, new KeyValuePair<string, object?>("why", why));
        return Nothing;
    }

    [LoggerMessage(LogLevel.Error, "The enricher failed at {Topic}, whose clients get metas alone")]
    private partial void LogFault(Exception fault, string topic);

    [LoggerMessage(LogLevel.Error, "The enricher has not answered for {Topic} within {Timeout}, and its clients get metas alone")]
    private partial void LogOverdue(string topic, TimeSpan timeout);

    [LoggerMessage(LogLevel.Error, "What the enricher says of {Key} in {Topic} is left out: it has {Length} bytes, and at most {LengthMax} are shown")]
    private partial void LogTooLong(string topic, string key, int length, int lengthMax);
}

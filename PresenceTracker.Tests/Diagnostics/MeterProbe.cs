using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PresenceTracker.Diagnostics;

namespace PresenceTracker.Tests.Diagnostics;

/// <summary>Listens to the meter of one node, as an exporter does: counters are summed up, and the rest is asked for at each look.</summary>
internal sealed class MeterProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Tags), double> _values = new();

    /// <param name="node">Its address. Other nodes of this process have meters of the same name.</param>
    public MeterProbe(string node)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == PresenceMetrics.MeterName && instrument.Meter.Tags!.Contains(new("node", node)))
            {
                _instruments[instrument.Name] = instrument;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public ICollection<Instrument> Instruments => _instruments.Values;

    /// <summary>Every series, as text.</summary>
    public IEnumerable<string> Series
    {
        get
        {
            Observe();
            return _values.Select(entry => $"{entry.Key.Instrument.Name} {entry.Key.Tags} {entry.Value}").Order();
        }
    }

    /// <summary>The sum over all series of an instrument that have these tags, each written as name=value.</summary>
    public double Read(string name, params string[] tags)
    {
        Observe();
        return _values
            .Where(entry => entry.Key.Instrument.Name == name && tags.All(tag => entry.Key.Tags.Contains($"[{tag}]", StringComparison.Ordinal)))
            .Sum(entry => entry.Value);
    }

    public void Dispose() => _listener.Dispose();

    private void Observe()
    {
        foreach (var (instrument, tags) in _values.Keys.Where(series => series.Instrument.IsObservable))
        {
            _values.TryRemove((instrument, tags), out _);
        }

        _listener.RecordObservableInstruments();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = string.Concat(tags.ToArray().Select(tag => $"[{tag.Key}={tag.Value}]"));
        _values.AddOrUpdate((instrument, text), value, (_, before) => instrument.IsObservable ? value : before + value);
    }
}

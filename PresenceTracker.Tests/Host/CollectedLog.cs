using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PresenceTracker.Tests.Host;

/// <summary>Keeps what a Host logs, as its console would show it, with the exceptions. Thread-safe.</summary>
internal sealed class CollectedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, LogLevel Level, string Text, Exception? Exception)> _entries = new();

    public IReadOnlyCollection<(string Category, LogLevel Level, string Text, Exception? Exception)> Entries => _entries;

    /// <summary>Whatever an operator would have to look into.</summary>
    public IEnumerable<string> Faults => _entries.Where(entry => entry.Exception is not null || entry.Level >= LogLevel.Warning)
        .Select(entry => $"{entry.Level} {entry.Category}: {entry.Text}\n{entry.Exception}");

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(CollectedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log._entries.Enqueue((category, logLevel, formatter(state, exception), exception));
    }
}

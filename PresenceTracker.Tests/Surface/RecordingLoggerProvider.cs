using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace PresenceTracker.Tests.Surface;

/// <summary>Keeps what is said in the log of a host, in order.</summary>
/// <param name="category">How the categories that are kept begin.</param>
internal sealed class RecordingLoggerProvider(string category = "PresenceTracker.Hosting") : ILoggerProvider
{
    private readonly Channel<(LogLevel Level, string Text)> _lines = Channel.CreateUnbounded<(LogLevel, string)>();

    public Task<(LogLevel Level, string Text)> NextAsync() => _lines.Reader.ReadAsync().AsTask().InTime();

    public ILogger CreateLogger(string categoryName) =>
        new RecordingLogger(categoryName.StartsWith(category, StringComparison.Ordinal) ? _lines.Writer : null);

    public void Dispose() => _lines.Writer.TryComplete();

    private sealed class RecordingLogger(ChannelWriter<(LogLevel Level, string Text)>? lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => lines is not null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines?.TryWrite((logLevel, formatter(state, exception)));
    }
}

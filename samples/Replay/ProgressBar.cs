using System.Diagnostics;
using System.Globalization;

namespace Replay;

/// <summary>One line that tells how far the replay is; where the output is no terminal, a line every few seconds.</summary>
internal sealed class ProgressBar(TextWriter output, int eventsInAll)
{
    private const int Width = 30;
    private static readonly TimeSpan Period = Console.IsOutputRedirected ? TimeSpan.FromSeconds(5) : TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _next;

    public int Events { get; private set; }

    public TimeSpan Elapsed => _watch.Elapsed;

    public double EventsPerSecond => Events / Elapsed.TotalSeconds;

    public void Step(int minute, string note)
    {
        Events++;
        if (Events < eventsInAll && Elapsed < _next)
        {
            return;
        }

        _next = Elapsed + Period;
        var part = (double)Events / eventsInAll;
        var bar = new string('#', (int)(Width * part)).PadRight(Width, '-');
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"[{bar}] {100 * part,5:F1} %  {EventsPerSecond,7:N0} events/s  {Trace.DateOf(minute):yyyy-MM-dd HH:mm}  {note}");
        if (Console.IsOutputRedirected)
        {
            output.WriteLine(line);
        }
        else
        {
            // The last line may have been longer.
            output.Write($"\r{line,-110}");
        }
    }
}

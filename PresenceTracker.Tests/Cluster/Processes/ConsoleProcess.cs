using System.Text.RegularExpressions;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>A program as somebody who types its command sees it: the test reads what it prints.</summary>
internal sealed class ConsoleProcess(string program, params IEnumerable<string> arguments)
    : ChildProcess(Path.GetFileNameWithoutExtension(program), program, arguments)
{
    public async Task<string> NextLineAsync() => (await PrintsAsync("^.*$")).Value;

    /// <summary>Reads lines until one matches.</summary>
    public async Task<Match> PrintsAsync(string pattern, TimeSpan? patience = null)
    {
        List<string> printed = [];
        using var timeout = new CancellationTokenSource(patience ?? Expect.Patience);
        try
        {
            while (await Process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                printed.Add(line);
                if (Regex.Match(line, pattern) is { Success: true } match)
                {
                    return match;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below, with what was printed.
        }

        throw new TimeoutException(
            $"waited for a line like \"{pattern}\" of {Name}, which {(HasExited ? "has ended" : "still runs")}, and saw:\n{string.Join('\n', printed)}\n{Log}");
    }

    public Task WriteLineAsync(string line) => Process.StandardInput.WriteLineAsync(line);

    /// <summary>What it has printed and nobody has read, on both ways out, once it has ended.</summary>
    public async Task<string> RestAsync(TimeSpan? patience = null)
    {
        var printed = await Process.StandardOutput.ReadToEndAsync().WaitAsync(patience ?? Expect.Patience);
        await ExitedAsync();
        return printed + string.Join('\n', Lines);
    }
}

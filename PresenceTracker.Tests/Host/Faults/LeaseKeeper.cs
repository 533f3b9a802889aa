using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>
/// A backend that tracks, renews, updates and ends the leases of its keys through whichever Host it happens to ask, and asks another one until
/// it is answered. One key by PUT, more than one by POST.
/// </summary>
internal sealed class LeaseKeeper(History history, IReadOnlyList<HttpClient> hosts, string topic, string name, int keyCount, Random random)
{
    /// <summary>For how long a lease lasts that nobody renews.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const double Ends = 0.15;
    private const double Updates = 0.45;
    private const int TriesMax = 100;

    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    private readonly List<string> _doubtful = [];
    private int _generation;
    private int[]? _numbers;
    private bool _hasDoubts;
    private TimeSpan? _refusedSince;

    /// <summary>What is to be listed now, by key: which number its meta has. Asked while no step is under way.</summary>
    public IEnumerable<(string Topic, string Key, int Number)> Kept => (_numbers ?? []).Zip(Keys, (number, key) => (topic, key, number));

    private IEnumerable<string> Keys => Enumerable.Range(0, keyCount).Select(key => $"{name}.{_generation}.{key}");

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await StepAsync();
            await Pace.LastsAsync(ShortestRest + (random.NextDouble() * LongestRest), end);
        }
    }

    /// <summary>Makes sure of what it keeps, and of what it does not keep though a request that was never answered may have brought it back.</summary>
    public async Task SettleAsync()
    {
        foreach (var key in _doubtful)
        {
            await EndAsync(key);
        }

        if (_numbers is not null)
        {
            await TrackAsync(_numbers);
        }
    }

    private async Task StepAsync()
    {
        var choice = random.NextDouble();
        if (_numbers is not null && choice < Ends)
        {
            var keys = Keys.ToList();
            foreach (var key in keys)
            {
                await EndAsync(key);
            }

            _numbers = null;
            if (_hasDoubts)
            {
                // What was not answered may have its effect later, so nobody can say what becomes of these keys.
                _doubtful.AddRange(keys);
                _hasDoubts = false;
                _generation++;
            }

            return;
        }

        if (_numbers is null || choice < Ends + Updates)
        {
            _numbers = [.. Keys.Select(_ => history.NextNumber())];
        }

        await TrackAsync(_numbers);
    }

    private async Task TrackAsync(int[] numbers)
    {
        var keys = Keys.Zip(numbers, (key, number) => (Key: key, Number: (int?)number)).ToList();
        await UntilAnsweredAsync(keys, http => keyCount == 1
            ? http.PutAsync($"{PathOf(keys[0].Key)}?lease={Lease.TotalSeconds}s", JsonContent.Create(new { n = keys[0].Number }))
            : http.PostAsync($"api/presences?lease={Lease.TotalSeconds}s", Lines(keys)));
    }

    private Task EndAsync(string key) => UntilAnsweredAsync([(key, null)], http => http.DeleteAsync(PathOf(key)));

    private async Task UntilAnsweredAsync(
        IReadOnlyList<(string Key, int? Number)> keys, Func<HttpClient, Task<HttpResponseMessage>> send)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (await WriteAsync(keys, send))
            {
                return;
            }

            _hasDoubts = true;
        }

        throw new TimeoutException($"no Host has answered {name} in {TriesMax} tries");
    }

    private StringContent Lines(List<(string Key, int? Number)> keys) => new(
        string.Join('\n', keys.Select(entry => new JsonObject { ["topic"] = topic, ["key"] = entry.Key, ["meta"] = new JsonObject { ["n"] = entry.Number } }.ToJsonString())),
        Encoding.UTF8, "application/x-ndjson");

    private string PathOf(string key) => $"api/topics/{Uri.EscapeDataString(topic)}/presences/{Uri.EscapeDataString(key)}";

    /// <returns>Whether it was answered. That there is nothing to end is an answer, but no proof that nothing comes back.</returns>
    private async Task<bool> WriteAsync(
        IReadOnlyList<(string Key, int? Number)> keys, Func<HttpClient, Task<HttpResponseMessage>> send)
    {
        var (through, began) = (random.Next(hosts.Count), history.Now);
        HttpStatusCode? status = null;
        try
        {
            using var response = await send(hosts[through]);
            var text = await response.Content.ReadAsStringAsync();
            status = IsPartial(response, text) ? null : response.StatusCode;
            NoteRefusal(status, through, began, text);
        }
        catch (Exception unanswered) when (unanswered is HttpRequestException or OperationCanceledException)
        {
            // The Host is dead or does not run; another one is asked.
        }

        var ended = history.Now;
        foreach (var (key, number) in keys)
        {
            history.Add(new LeaseWrite(topic, key, number, through, began, ended, status is HttpStatusCode.OK or HttpStatusCode.NoContent));
        }

        _hasDoubts |= status == HttpStatusCode.NotFound;
        return status is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.NotFound;
    }

    /// <summary>Of 503 the second one in a row: a busy machine may take the second within which a holder has to answer once.</summary>
    private void NoteRefusal(HttpStatusCode? status, int through, TimeSpan began, string text)
    {
        if (status != HttpStatusCode.ServiceUnavailable)
        {
            _refusedSince = null;
            if (status is not (null or HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.NotFound))
            {
                history.AddFault($"Host {through} answered {(int)status}: {text}");
            }
        }
        else if (_refusedSince is { } since)
        {
            history.Add(new Refusal(through, IsOfStream: false, new Span(since, history.Now), text));
        }
        else
        {
            _refusedSince = began;
        }
    }

    private static bool IsPartial(HttpResponseMessage response, string text) =>
        response.StatusCode == HttpStatusCode.OK && JsonNode.Parse(text)!["failed"]?.GetValue<int>() > 0;
}

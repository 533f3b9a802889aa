using System.Globalization;
using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Tests.Fuzz;

/// <summary>Sends inputs of consecutive seeds to a decoder, on every core.</summary>
internal static class FuzzRun
{
    /// <returns>What is wrong with one of the inputs; null if nothing is.</returns>
    public static string? FaultOf(FuzzTarget target, ulong firstSeed, long inputs)
    {
        string? failure = null;
        var workers = Math.Min(Environment.ProcessorCount, inputs);
        var threads = new List<Thread>();
        for (var worker = 0; worker < workers; worker++)
        {
            var offset = worker;
            threads.Add(new Thread(() =>
            {
                for (var i = (long)offset; i < inputs && Volatile.Read(ref failure) is null; i += workers)
                {
                    if (FaultOf(target, firstSeed + (ulong)i) is { } fault)
                    {
                        Interlocked.CompareExchange(ref failure, fault, null);
                    }
                }
            }));
            threads[worker].Start();
        }

        threads.ForEach(thread => thread.Join());
        return failure;
    }

    private static string? FaultOf(FuzzTarget target, ulong seed)
    {
        var input = target.Input(new Prng(seed));
        try
        {
            var allocated = AllocatedBy(target, input);
            if (allocated > target.AllocatedBytesMax)
            {
                // Pools and tables that were filled on the way are there now; what an input itself costs, it costs again.
                allocated = AllocatedBy(target, input);
            }

            return allocated <= target.AllocatedBytesMax
                ? null
                : Described(target, seed, input, $"{allocated} bytes were allocated, more than {target.AllocatedBytesMax}");
        }
#pragma warning disable CA1031 // Whatever comes out is the finding, and is reported.
        catch (Exception foreign)
#pragma warning restore CA1031
        {
            return Described(target, seed, input, foreign.ToString());
        }
    }

    private static long AllocatedBy(FuzzTarget target, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        target.Decode(input);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static string Described(FuzzTarget target, ulong seed, byte[] input, string fault) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {target.Name}, {input.Length} bytes: {fault}
        begins with: {Convert.ToHexString(input.AsSpan(0, Math.Min(input.Length, 200)))}
        replay: PRESENCE_FUZZ_SEED={seed} PRESENCE_FUZZ_INPUTS=1 dotnet test --filter FullyQualifiedName~Fuzz
        """);
}

using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using PresenceTracker.Errors;

namespace PresenceTracker.SignalR.Http;

/// <summary>Splits a body into lines as it arrives, and never holds more of it than one line.</summary>
internal static class JsonLines
{
    /// <exception cref="LimitExceededException">The body is longer than it may be. The lines before that were given.</exception>
    public static async IAsyncEnumerable<JsonLine> ReadAsync(
        PipeReader reader, int lineBytesMax, long bodyBytesMax, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 1;
        var bodyBytes = 0L;
        var isTooLong = false;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            try
            {
                if (bodyBytes + rest.Length > bodyBytesMax)
                {
                    throw RequestBody.Exceeded(RequestBody.BodyLimit, $"more than {bodyBytesMax} bytes", bodyBytesMax, "none");
                }

                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    yield return Line(number++, rest.Slice(0, end), isTooLong, lineBytesMax);
                    isTooLong = false;
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                if (read.IsCompleted)
                {
                    yield return Line(number, rest, isTooLong, lineBytesMax);
                    yield break;
                }

                if (rest.Length > lineBytesMax)
                {
                    isTooLong = true;
                    rest = rest.Slice(rest.End);
                }
            }
            finally
            {
                // Also when the caller has had enough: the server goes on with the reader. What is left over is read once more.
                bodyBytes += read.Buffer.Length - rest.Length;
                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
    }

    private static JsonLine Line(int number, ReadOnlySequence<byte> bytes, bool isTooLong, int lineBytesMax) =>
        isTooLong || bytes.Length > lineBytesMax
            ? new JsonLine(number, default, IsTooLong: true)
            : new JsonLine(number, bytes.IsSingleSegment ? bytes.First : bytes.ToArray(), IsTooLong: false);
}

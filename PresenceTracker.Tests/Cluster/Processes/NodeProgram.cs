using System.Runtime.InteropServices;
using System.Text.Json;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>
/// One node as a process of its own: reads requests as lines of JSON from its standard input, carries them out side by side, and answers
/// on its standard output. Ends when its input ends, so that no process outlives the tests.
/// </summary>
internal static class NodeProgram
{
    public static async Task<int> RunAsync()
    {
        await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var replies = TextWriter.Synchronized(output);

        // What is logged goes the other way, where the tests keep it for their failure messages.
        Console.SetOut(Console.Error);
        await using var commands = new NodeCommands();

        // Akka.NET runs its coordinated shutdown when it is asked to end, and takes the signal: ending the process is left to the program.
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            _ = EndAsync(commands);
        });
        using var input = new StreamReader(Console.OpenStandardInput());
        while (await input.ReadLineAsync() is { } line)
        {
            var request = JsonSerializer.Deserialize<RequestLine>(line)!;
            _ = Task.Run(async () => replies.WriteLine(JsonSerializer.Serialize(await AnswerAsync(commands, request))));
        }

        // Whatever is still waited for, nobody reads the answer.
        Environment.Exit(0);
        return 0;
    }

    private static async Task EndAsync(NodeCommands commands)
    {
        await commands.DisposeAsync();
        Environment.Exit(0);
    }

    private static async Task<ReplyLine> AnswerAsync(NodeCommands commands, RequestLine line)
    {
        try
        {
            var reply = await commands.HandleAsync(line.Request);
            return new ReplyLine(line.Number, JsonSerializer.SerializeToElement(reply, reply.GetType()), Error: null, ErrorType: null);
        }
        catch (Exception refused)
        {
            return new ReplyLine(line.Number, Reply: null, refused.Message, refused.GetType().Name);
        }
    }
}

using Replay;

try
{
    return await new Player(ReplayOptions.Parse(args), Console.Out).RunAsync() ? 0 : 1;
}
catch (ReplayException fault)
{
    Console.Error.WriteLine();
    Console.Error.WriteLine(fault.Message);
    return 2;
}

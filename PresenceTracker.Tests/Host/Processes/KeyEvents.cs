namespace PresenceTracker.Tests.Host.Processes;

/// <summary>Keys that came with their first meta and that went with their last, each as often as it did.</summary>
internal sealed record KeyEvents(List<string> Came, List<string> Went)
{
    public override string ToString() => $"{Came.Count} came ({Some(Came)}), {Went.Count} went ({Some(Went)})";

    private static string Some(List<string> keys) => string.Join(", ", keys.Take(10)) + (keys.Count > 10 ? ", ..." : "");
}

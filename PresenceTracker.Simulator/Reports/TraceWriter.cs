using System.Globalization;
using System.IO.Hashing;
using System.Text;
using PresenceTracker.Simulator.Nodes;
using PresenceTracker.Simulator.Time;

namespace PresenceTracker.Simulator.Reports;

/// <summary>One line for each thing that happens, and a hash over all of them; switched off it costs nothing.</summary>
internal sealed class TraceWriter(EventQueue events, bool isOn, TextWriter? output)
{
    private readonly XxHash3 _hash = new();

    /// <summary>Over every line so far; equal in two runs if these are equal to the byte.</summary>
    public ulong Hash => _hash.GetCurrentHashAsUInt64();

    public void Write(SimulatedNode node, object what)
    {
        if (isOn)
        {
            Append(node.Name, $"{what}");
        }
    }

    public void Write(SimulatedNode node, Envelope envelope)
    {
        if (isOn)
        {
            Append(node.Name, $"<- {envelope.From.Name} {TraceText.Of(envelope)}");
        }
    }

    public void Write(string what)
    {
        if (isOn)
        {
            Append("-", what);
        }
    }

    private void Append(string who, string what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{events.Now.Ticks / 10_000_000.0,12:f7} {who,-6} {what}\n");
        _hash.Append(Encoding.UTF8.GetBytes(line));
        output?.Write(line);
    }
}

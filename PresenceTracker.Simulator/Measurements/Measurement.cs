namespace PresenceTracker.Simulator.Measurements;

/// <summary>Something that <c>measure</c> can be asked for: it runs clusters of the cores from fixed seeds, so that its figures are the same each time.</summary>
internal abstract class Measurement
{
    /// <summary>What to type.</summary>
    public abstract string Name { get; }

    /// <summary>The question that it answers.</summary>
    public abstract string Title { get; }

    /// <summary>How it is measured, and what of a real cluster is left out.</summary>
    public abstract string Method { get; }

    /// <param name="progress">Takes a line each time that a part is done.</param>
    public abstract MeasurementReport Run(Action<string> progress);

    /// <summary>As <see cref="Run"/>, with all cases where that takes some of them for the sake of time.</summary>
    public virtual MeasurementReport RunInFull(Action<string> progress) => Run(progress);
}

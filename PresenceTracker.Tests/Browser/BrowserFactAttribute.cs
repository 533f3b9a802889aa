using PresenceTracker.Tests.Cluster;
using Xunit;

namespace PresenceTracker.Tests.Browser;

/// <summary>
/// A test in a real browser. Where there is none it is skipped and says how to get one, except in continuous integration: there it fails,
/// because nobody reads what was skipped.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (!File.Exists(Chromium.Path) && !ContinuousIntegration.IsOn)
        {
            Skip = $"There is no {Chromium.Path}. Install it (Debian: apt-get install chromium), or name another by {Chromium.PathVariable}.";
        }
    }
}

using System.Globalization;
using System.Security;
using System.Text;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>Writes a plot as SVG that reads on light and dark pages, and is the same to the byte each time.</summary>
internal sealed class SvgPlot
{
    private const int Width = 720;
    private const int Height = 420;
    private const int Left = 70;
    private const int Right = 20;
    private const int Top = 44;
    private const int AxisBottom = 52;
    private const int LegendRow = 20;
    private const int LegendColumns = 2;

    private const string Style = """
        <style>
          text { font: 13px system-ui, sans-serif; fill: #333b45 }
          .title { font-size: 15px; font-weight: 600 }
          .page { fill: #ffffff } .grid { stroke: #dfe3e8 } .axis { stroke: #6b7480 }
          .line { fill: none; stroke-width: 2 } .anchor { stroke-dasharray: 6 4 }
          .c0 { stroke: #1f6fd0 } .c1 { stroke: #c8501e } .c2 { stroke: #14865a } .c3 { stroke: #8a4fc4 }
          .p0 { fill: #1f6fd0 } .p1 { fill: #c8501e } .p2 { fill: #14865a } .p3 { fill: #8a4fc4 }
          @media (prefers-color-scheme: dark) {
            text { fill: #d5dbe3 }
            .page { fill: #12161c } .grid { stroke: #2a313a } .axis { stroke: #8b95a1 }
            .c0 { stroke: #6aa9f7 } .c1 { stroke: #f08a5d } .c2 { stroke: #4cc795 } .c3 { stroke: #bd90ee }
            .p0 { fill: #6aa9f7 } .p1 { fill: #f08a5d } .p2 { fill: #4cc795 } .p3 { fill: #bd90ee }
          }
        </style>
        """;

    private readonly Plot _plot;
    private readonly StringBuilder _svg = new();
    private readonly int _bottom;

    private SvgPlot(Plot plot)
    {
        _plot = plot;
        _bottom = Height - AxisBottom - (LegendRow * ((plot.Lines.Length + LegendColumns - 1) / LegendColumns));
    }

    public static string Write(Plot plot) => new SvgPlot(plot).Write();

    private string Write()
    {
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" role="img" aria-label="{Escape(_plot.Title)}">""");
        Add($"{Style}");
        Add($"""<rect class="page" width="{Width}" height="{Height}" rx="6"/>""");
        Add($"""<text class="title" x="{Left}" y="26">{Escape(_plot.Title)}</text>""");
        var horizontal = _plot.Horizontal.Scale(_plot.Lines.SelectMany(line => line.Points).Select(point => point.X));
        var vertical = _plot.Vertical.Scale(_plot.Lines.SelectMany(line => line.Points).Select(point => point.Y));
        foreach (var tick in horizontal.Ticks)
        {
            Add($"""<line class="grid" x1="{X(tick):f1}" y1="{Top}" x2="{X(tick):f1}" y2="{_bottom}"/>""");
            Add($"""<text x="{X(tick):f1}" y="{_bottom + 18}" text-anchor="middle">{PlotAxis.Text(tick)}</text>""");
        }

        foreach (var tick in vertical.Ticks)
        {
            Add($"""<line class="grid" x1="{Left}" y1="{Y(tick):f1}" x2="{Width - Right}" y2="{Y(tick):f1}"/>""");
            Add($"""<text x="{Left - 8}" y="{Y(tick) + 4:f1}" text-anchor="end">{PlotAxis.Text(tick)}</text>""");
        }

        Add($"""<path class="axis" fill="none" d="M{Left} {Top}V{_bottom}H{Width - Right}"/>""");
        Add($"""<text x="{(Left + Width - Right) / 2}" y="{_bottom + 38}" text-anchor="middle">{Escape(_plot.Horizontal.Label)}</text>""");
        Add($"""<text x="18" y="{(Top + _bottom) / 2}" text-anchor="middle" transform="rotate(-90 18 {(Top + _bottom) / 2})">{Escape(_plot.Vertical.Label)}</text>""");
        for (var i = 0; i < _plot.Lines.Length; i++)
        {
            var line = _plot.Lines[i];
            var way = string.Join('L', line.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):f1} {Y(point.Y):f1}")));
            Add($"""<path class="{Stroke(line)}" d="M{way}"/>""");
            foreach (var (x, y) in line.IsAnchor ? [] : line.Points)
            {
                Add($"""<circle class="p{line.Color}" cx="{X(x):f1}" cy="{Y(y):f1}" r="3.5"/>""");
            }

            AddLegend(line, i);
        }

        Add($"</svg>");
        return _svg.ToString();

        double X(double value) => Left + (_plot.Horizontal.Place(value, horizontal.From, horizontal.To) * (Width - Right - Left));
        double Y(double value) => _bottom - (_plot.Vertical.Place(value, vertical.From, vertical.To) * (_bottom - Top));
    }

    private void AddLegend(PlotLine line, int place)
    {
        var x = Left + (place % LegendColumns * (Width - Left) / LegendColumns);
        var y = _bottom + AxisBottom + (place / LegendColumns * LegendRow);
        Add($"""<path class="{Stroke(line)}" d="M{x} {y + 4}H{x + 28}"/>""");
        Add($"""<text x="{x + 36}" y="{y + 8}">{Escape(line.Label)}</text>""");
    }

    private static string Stroke(PlotLine line) => $"line c{line.Color}{(line.IsAnchor ? " anchor" : "")}";

    private static string Escape(string text) => SecurityElement.Escape(text);

    private void Add(FormattableString line) => _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}

using System.Globalization;
using HierEmbed.Core.Evaluation;
using HierEmbed.Pipeline.Reports.Charts;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>How evenly latents are used, and how many never are.</summary>
internal static class LatentSection
{
    public static void Write(HtmlWriter page, LatentUse use)
    {
        page.BeginSection("latents", "Use of latents");
        page.Element("p", $"Dead latents, active in no test row at k = {Shown.Count(use.K)}: {Shown.Percent(use.DeadFraction)}.");
        (double X, double Y)[] points = [.. use.Spectrum.Select((share, i) => ((double)i / Math.Max(1, use.Spectrum.Count - 1), (double)share)).Where(p => p.Item2 > 0)];
        if (points.Length > 1)
        {
            new Chart("latent-use", "share of rows that each latent is active in, most used latent first",
                new ChartAxis("latents, most used first", 0, 1.03, [.. Enumerable.Range(0, 5).Select(i => new ChartTick(i / 4.0, $"{25 * i} %"))], value => value),
                ChartAxis.PowersOfTen("share of rows that a latent is active in", points.Select(p => p.Y), value => string.Create(CultureInfo.InvariantCulture, $"{100 * value:G4} %")),
                [new("latents", points, SeriesStyle.Own.WithoutMarkers())])
                .WriteTo(page, "Share of test rows that a latent is active in. A flat line: all latents are used alike. Where it ends, latents are dead.");
        }
        page.EndSection();
    }
}

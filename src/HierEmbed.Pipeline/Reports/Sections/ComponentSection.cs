using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Reports.Charts;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>What codes are worth by their active components, and how much the way of coding and of scoring matters.</summary>
internal static class ComponentSection
{
    public static void Write(HtmlWriter page, EvaluationReport evaluation, IReadOnlyList<MetricsAtK> measured)
    {
        IReadOnlyList<FiguresAtK> byK = evaluation.ByK;
        if (byK.Count == 0)
            return;
        page.BeginSection("by-k", "Recall by active components");
        page.Element("p", "Pursuit searches for the components that rebuild a row best and is for stored vectors. The encoder is one matrix product, for live traffic. Both are scored against the dense query. Code cosine compares two encoder codes.");
        Draw(byK).WriteTo(page, "recall@10 by k, the most active components of a code; values not rounded.");
        (Column Column, Func<FiguresAtK, double?> Value)[] columns =
        [
            .. new (Column Column, Func<FiguresAtK, double?> Value)[]
            {
                (new("pursuit recall@10"), at => at.Pursuit?.Recall10),
                (new("@100"), at => at.Pursuit?.Recall100),
                (new("encoder recall@10"), at => at.Encoder?.Recall10),
                (new("@100"), at => at.Encoder?.Recall100),
                (new("code cosine recall@10"), at => at.CodeCosine.Recall10),
                (new("@100"), at => at.CodeCosine.Recall100),
                (new("FVU pursuit"), at => at.Pursuit?.Fvu),
                (new("FVU encoder"), at => at.Encoder?.Fvu ?? AtK(at.K)?.Fvu),
            }.Where(column => byK.Any(at => column.Value(at) is not null)),
        ];
        new ReportTable("Figures by k", [new("k"), .. columns.Select(column => column.Column), new("L0 pursuit"), new("L0 encoder")])
        {
            Rows = byK.Select(at => (string[])[Shown.Count(at.K), .. columns.Select(column => Shown.Share(column.Value(at))), Tenths(at.Pursuit?.L0), Tenths(at.CodeCosine.L0 ?? AtK(at.K)?.L0)]),
        }.WriteTo(page);
        if (byK.All(at => at.Encoder is null))
            page.Element("p", "The encoder's codes of this recipe rebuild nothing that a dense query could be scored against, so there is no encoder line.", "note");
        page.EndSection();

        static string Tenths(double? components) => components is { } mean ? Shown.Tenths(mean) : Shown.Nothing;
        MetricsAtK? AtK(int k) => measured.FirstOrDefault(m => m.K == k);
    }

    private static Chart Draw(IReadOnlyList<FiguresAtK> byK)
    {
        ChartSeries[] series =
        [
            .. new[]
            {
                Line("pursuit, dense query", at => at.Pursuit, SeriesStyle.Own),
                Line("encoder, dense query", at => at.Encoder, SeriesStyle.Other(0)),
                Line("encoder, code cosine", at => at.CodeCosine, SeriesStyle.Other(1)),
            }.Where(line => line.Points.Count > 0),
        ];
        return new Chart("recall-by-k", "recall@10 against active components k, for pursuit, encoder and code cosine; the table below has the figures",
            ChartAxis.Doubling("k, active components", [.. byK.Select(at => at.K)]),
            ChartAxis.Shares("recall@10", series.SelectMany(line => line.Points.Select(p => p.Y))), series);

        ChartSeries Line(string name, Func<FiguresAtK, RetrievalFigures?> figures, SeriesStyle style) => new(
            name, [.. from at in byK where figures(at) is not null select ((double)at.K, figures(at)!.Recall10)], style);
    }
}

using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Reports.Charts;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>How the training went.</summary>
internal static class TrainingSection
{
    public static void Write(HtmlWriter page, ModelMetrics metrics)
    {
        page.BeginSection("training", "Training");
        page.Element("p", $"{Shown.Counted(metrics.Epochs, "epoch")}, {Shown.Count((long)metrics.SamplesPerSecond)} rows a second. The weights of epoch {Shown.Count(metrics.BestEpoch)} were published: training loss {Shown.Loss(metrics.TrainLoss)}, validation loss {Shown.Loss(metrics.ValidationLoss)}.");
        if (metrics.Encoder is { } encoder)
            page.Element("p", $"The encoder is int8: {Shown.Count(encoder.Bytes)} bytes where float32 takes {Shown.Count(encoder.Float32Bytes)}, {Shown.Count((long)encoder.VectorsPerSecond)} rows a second where float32 reached {Shown.Count((long)encoder.Float32VectorsPerSecond)} (one thread, measured beside each other). {string.Join(" ", encoder.ByK.Select(Quantized))}");
        if (metrics.History is { Count: > 1 } history)
            Draw(history, metrics.BestEpoch).WriteTo(page, $"Loss by epoch. The vertical line marks epoch {Shown.Count(metrics.BestEpoch)}, whose weights were published.");
        else
            page.Element("p", "One epoch or none is recorded, so there is no curve.", "note");
        if (metrics.Evaluation is null && metrics.ByK.Count > 0)
            ByK(metrics).WriteTo(page);
        page.EndSection();
    }

    private static string Quantized(QuantizedCodesAtK at) =>
        $"At k = {Shown.Count(at.K)} its codes share {Shown.Percent(at.Overlap)} of their components with those of float32; recall@10 by code cosine {Shown.Share(at.Recall10)}, of float32 {Shown.Share(at.Float32Recall10)}.";

    private static ReportTable ByK(ModelMetrics metrics) => new(
        $"Encoder codes of {Shown.Count(metrics.EvaluatedRows)} {(metrics.SeenInTraining ? "training" : "held-out")} rows; dead latents {Shown.Percent(metrics.DeadFraction)}", new("k"), new("FVU"), new("L0"))
    {
        Rows = metrics.ByK.Select(at => (string[])[Shown.Count(at.K), Shown.Share(at.Fvu), Shown.Tenths(at.L0)]),
    };

    private static Chart Draw(IReadOnlyList<EpochMetrics> history, int best)
    {
        ChartSeries[] series =
        [
            Line("validation", epoch => epoch.ValidationLoss, SeriesStyle.Own),
            Line("training", epoch => epoch.TrainLoss, SeriesStyle.Other(0)),
        ];
        return new Chart("loss", $"training and validation loss by epoch; epoch {best} was published",
            ChartAxis.Linear("epoch", [.. history.Select(epoch => (double)epoch.Epoch)], wholeNumbers: true),
            LossAxis([.. series.SelectMany(line => line.Points.Select(p => p.Y))]), series)
        {
            Mark = history.Any(epoch => epoch.Epoch == best) ? new ChartTick(best, $"epoch {best}") : null,
        };

        // Where the first epoch's loss is tens of times the last's, the epochs that matter would lie on the bottom line.
        static ChartAxis LossAxis(double[] losses) => losses.Min() > 0 && losses.Max() / losses.Min() > 10
            ? ChartAxis.Logarithmic("loss, logarithmic", losses) : ChartAxis.Linear("loss", losses);
        ChartSeries Line(string name, Func<EpochMetrics, double> loss, SeriesStyle style) => new(
            name, [.. history.Where(epoch => double.IsFinite(loss(epoch))).Select(epoch => ((double)epoch.Epoch, loss(epoch)))],
            history.Count > 15 ? style.WithoutMarkers() : style);
    }
}

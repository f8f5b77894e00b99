using System.Diagnostics;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Serving.Encoders;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using HierEmbed.Training;
using HierEmbed.Training.Evaluation;
using HierEmbed.Training.Export;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>Measures what an int8 encoder gains and costs beside the float32 one of the same weights.</summary>
/// <param name="results">The results container.</param>
internal sealed class EncoderComparison(IArtifactStore results)
{
    /// <summary>Rows whose codes are compared at most, and those of a timed batch.</summary>
    private const int MaxRows = 2048, BatchRows = 512;

    /// <summary>Times that each encoder is timed, by turns; the best counts.</summary>
    private const int Rounds = 3;

    /// <summary>Measures.</summary>
    /// <param name="run">The run, whose int8 encoder is exported.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="network">What was trained.</param>
    /// <param name="scaler">Its scaler.</param>
    /// <param name="rows">Held-out raw rows.</param>
    /// <param name="evaluation">Measures recall.</param>
    /// <param name="cancellationToken">Looked at between measurements.</param>
    public async Task<QuantizedEncoderMetrics> MeasureAsync(
        RunRecord run, RunPlan plan, TrainedNetwork network, StandardScaler scaler, IRowSource rows, CodeEvaluation evaluation, CancellationToken cancellationToken)
    {
        ModelManifest manifest = UnsealedManifest.Of(run.RunId, run.Dataset, plan);
        byte[] graph = await results.ReadBytesAsync(Layout.Version(run.Dataset, plan.Version) + Layout.EncoderFile, cancellationToken);
        ResolvedRecipe full = plan.Recipe with { Recipe = plan.Recipe.Recipe with { EncoderPrecision = EncoderPrecision.Float32 } };
        using var fullGraph = new MemoryStream();
        OnnxEncoder.Write(fullGraph, network, scaler, full, manifest.ModelId);
        using EncoderModel quantized = EncoderModelLoader.Open(manifest, graph, threads: 1);
        using EncoderModel float32 = EncoderModelLoader.Open(manifest with { Recipe = full }, fullGraph.ToArray(), threads: 1);

        int count = Math.Min(rows.Rows, MaxRows);
        var sample = new float[count * rows.Dims];
        rows.Read(0, sample);
        int[] ks = [.. plan.Recipe.Recipe.TrainKs.Select(k => Math.Min(k, plan.Recipe.LatentDims)).Distinct()];
        (double rate, double fullRate) = Rates(quantized, float32, sample.AsSpan(0, Math.Min(count, BatchRows) * rows.Dims), ks[^1]);
        var byK = new List<QuantizedCodesAtK>();
        foreach (int k in ks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double overlap = Overlap(quantized.EncodeToCodes(sample, count, k), float32.EncodeToCodes(sample, count, k));
            double Recall(EncoderModel encoder) => evaluation.MeasureRecall((values, valueRows, components) => encoder.EncodeToCodes(values, valueRows, components), k);
            byK.Add(new QuantizedCodesAtK(k, overlap, Recall(quantized), Recall(float32)));
        }
        return new QuantizedEncoderMetrics(graph.Length, fullGraph.Length, rate, fullRate, byK);
    }

    private static (double Quantized, double Float32) Rates(EncoderModel quantized, EncoderModel float32, ReadOnlySpan<float> batch, int k)
    {
        double rate = 0, fullRate = 0;
        for (int round = 0; round <= Rounds; round++)
        {
            rate = Math.Max(rate, Rate(quantized, batch, k));
            fullRate = Math.Max(fullRate, Rate(float32, batch, k));
        }
        return (rate, fullRate);
    }

    private static double Rate(EncoderModel encoder, ReadOnlySpan<float> batch, int k)
    {
        int count = batch.Length / encoder.InputDims;
        long begin = Stopwatch.GetTimestamp();
        encoder.EncodeToCodes(batch, count, k);
        return count / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static double Overlap(SparseCode[] codes, SparseCode[] expected) =>
        codes.Zip(expected, (code, full) => full.Indices.Length == 0 ? 1 : code.Indices.Intersect(full.Indices).Count() / (double)full.Indices.Length).Average();
}

using System.Globalization;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Benchmarks;

/// <summary>Vectors a second that pursuit codes on one core, 1024 dimensions to 4096 latents, by the bytes of a code.</summary>
internal sealed class PursuitBenchmark : ISection
{
    private const int InputDims = 1024, LatentDims = 4096, Rows = 1024, Repeats = 5;

    public string Name => "pursuit";

    public Task RunAsync(BenchmarkReport report)
    {
        var random = new Random(1);
        var dictionary = new LinearDecoder("benchmark", Gaussian(random, LatentDims * InputDims), new float[InputDims]);
        float[] rows = Gaussian(random, Rows * InputDims);
        for (int row = 0; row < Rows; row++)
            RowNormalization.L2Normalize(rows.AsSpan(row * InputDims, InputDims), rows.AsSpan(row * InputDims, InputDims));
        var coder = new PursuitCoder(dictionary, threads: 1);
        report.Heading($"Pursuit, {InputDims} → {LatentDims}");
        var lines = new List<string[]>();
        foreach (int bytes in new[] { 16, 32, 64, 128, 256 })
        {
            PackedCodeFormat format = PackedCodeFormat.FitForBytes(LatentDims, bytes, k => coder.Encode(rows.AsSpan(0, 256 * InputDims), k));
            var writer = new PackedCodeWriter(format);
            var reader = new PackedCodeReader(format);
            var packed = new byte[Rows * bytes];
            double coding = double.PositiveInfinity, packing = double.PositiveInfinity, unpacking = double.PositiveInfinity;
            for (int repeat = 0; repeat < Repeats; repeat++)
            {
                SparseCode[] codes = [];
                coding = Math.Min(coding, Measuring.Rounds.Seconds(() => codes = coder.Encode(rows, format)));
                packing = Math.Min(packing, Measuring.Rounds.Seconds(() =>
                {
                    for (int row = 0; row < Rows; row++)
                        writer.Write(codes[row], packed.AsSpan(row * bytes, bytes));
                }));
                unpacking = Math.Min(unpacking, Measuring.Rounds.Seconds(() =>
                {
                    for (int row = 0; row < Rows; row++)
                        reader.Read(packed.AsSpan(row * bytes, bytes));
                }));
            }
            lines.Add([.. new double[] { bytes, format.K, format.Grid.Levels.Length, Rows / coding, Rows / packing, Rows / unpacking }.Select(v => v.ToString("F0", CultureInfo.InvariantCulture))]);
        }
        report.Table(["bytes", "k", "levels", "coded a second", "packed a second", "unpacked a second"], lines);
        return Task.CompletedTask;
    }

    private static float[] Gaussian(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}

using System.Globalization;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Recipes;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Benchmarks;

/// <summary>Embeddings to codes: 1024 dimensions to 4096 latents of which 64 stay, one thread.</summary>
internal sealed class EncodingBenchmark : ISection
{
    private const int Dims = 1024, Latents = 4096, K = 64, BatchRows = 512, Batches = 8, FileRows = 100_000, FileRepeats = 20, PeerRows = 20_000, FirstEncodes = 5;

    private static readonly Dictionary<string, string> OneThread = new() { ["HierEmbed__Threads"] = "1" };

    public string Name => "encoding";

    public async Task RunAsync(BenchmarkReport report)
    {
        report.Heading("Encoding");
        string folder = Directory.CreateTempSubdirectory("hierembed-benchmark-").FullName;
        try
        {
            float[] rows = new MixtureRows(Dims, seed: 1).Next(FileRows / FileRepeats);
            byte[] full = EncodingModel.Write(Path.Combine(folder, "float32"), Dims, Latents, recipe => recipe);
            byte[] whole = EncodingModel.Write(Path.Combine(folder, "int8"), Dims, Latents, recipe => recipe with { EncoderPrecision = EncoderPrecision.Int8 });
            byte[] bare = EncodingModel.Write(Path.Combine(folder, "bare"), Dims, Latents, recipe => recipe with { L2Normalize = false });
            using EncoderModel model = await EncoderModelLoader.LoadFolderAsync(Path.Combine(folder, "float32"), threads: 1);
            using EncoderModel quantized = await EncoderModelLoader.LoadFolderAsync(Path.Combine(folder, "int8"), threads: 1);
            BatchesAndPrecision(report, rows, model, quantized, bare, full.Length, whole.Length);
            Selection(report);
            First(report, Path.Combine(folder, "float32"));
            File(report, folder, rows, model);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void BatchesAndPrecision(BenchmarkReport report, float[] rows, EncoderModel model, EncoderModel quantized, byte[] gemm, int floatBytes, int wholeBytes)
    {
        using var product = new BareProduct(gemm, rows[..(BatchRows * Dims)], BatchRows, Dims, Latents);
        double[][] rates = Rounds.Alternate(
            () => Rate(product.Torch), () => Rate(product.Ort), () => EncodeRate(model, rows), () => EncodeRate(quantized, rows));
        (double torch, double ort) = (Rounds.Median(rates[0]), Rounds.Median(rates[1]));
        double[] faster = torch > ort ? rates[0] : rates[1];
        report.Table(["rows a second, batches of 512, one thread", "rows/s", "GFLOP/s", "bytes of the graph"],
        [
            Row("product alone, Torch", torch, 0), Row("product alone, ONNX Runtime", ort, 0),
            Row("rows to codes, float32", Rounds.Median(rates[2]), floatBytes), Row("rows to codes, int8", Rounds.Median(rates[3]), wholeBytes),
        ]);
        report.AtLeast("encode-batch", $"encode 1024→4096 to k=64, batch 512, over the bare product ({(torch > ort ? "Torch" : "ONNX Runtime")})", 85, " %", 100 * Rounds.MedianRatio(rates[2], faster));
        report.Line($"- int8 encodes {Rounds.MedianRatio(rates[3], rates[2]):0.00} times as fast as float32, its graph has {100.0 * wholeBytes / floatBytes:0} % of the bytes");
    }

    private static void Selection(BenchmarkReport report)
    {
        (string Name, double Microseconds)[] measured = [.. SelectionKernel.Measure()];
        foreach ((string name, double microseconds) in measured)
            report.Line($"- top 64 of 4096, {name}: {microseconds:0.00} µs");
        report.AtMost("select-top", "select top 64 of 4096, exact", 8, " µs", measured.Max(m => m.Microseconds));
    }

    private static void First(BenchmarkReport report, string model)
    {
        (double Load, double First)[] times = [.. Enumerable.Range(0, FirstEncodes).Select(_ => FirstEncode.Measure(model))];
        report.Line($"- load of a model in a new process: {Rounds.Median(times.Select(t => t.Load)):0} ms");
        report.AtMost("encode-first", "first encode after a model load", 100, " ms", Rounds.Median(times.Select(t => t.First)));
    }

    private static void File(BenchmarkReport report, string folder, float[] rows, EncoderModel model)
    {
        (string input, string weights) = (Path.Combine(folder, "rows.npy"), Path.Combine(folder, "weights.npy"));
        using (FileStream file = System.IO.File.Create(input))
        {
            NpyWriter.WriteHeader<float>(file, FileRows, Dims);
            for (int i = 0; i < FileRepeats; i++)
                NpyWriter.WriteValues<float>(file, rows);
        }
        using (FileStream file = System.IO.File.Create(weights))
            NpyWriter.Write<float>(file, [.. Enumerable.Range(0, Dims * Latents).Select(i => MathF.Sin(i))], Dims, Latents);
        string k = K.ToString(CultureInfo.InvariantCulture);
        double[][] rates = Rounds.Alternate(
            () => EncodeRate(model, rows),
            () => FileRows / Cli.Run(Cli.Executable, OneThread, "encode", Path.Combine(folder, "float32"), input, "--k", k, "--out", Path.Combine(folder, "codes.npz")).Seconds);
        using var peer = new PythonPeer("encoding_peer.py");
        double peerRate = PeerRows / Rounds.Median(Enumerable.Range(0, 3).Select(_ => peer.Measure($"{input} {PeerRows} {weights} {Path.Combine(folder, "peer.npz")}")));
        report.Line($"- file of 100,000 rows to .npz: {Rounds.Median(rates[1]):N0} rows/s; NumPy with OpenBLAS (product, argpartition, save_npz): {peerRate:N0} rows/s");
        report.AtLeast("encode-file", "encode 100,000 × 1024 .npy to .npz, whole process, which reads ahead on a second thread, over the encode rate of one thread", 80, " %", 100 * Rounds.MedianRatio(rates[1], rates[0]));
    }

    private static string[] Row(string name, double rate, int bytes) =>
        [name, rate.ToString("N0", CultureInfo.InvariantCulture), bytes > 0 && name.EndsWith("int8", StringComparison.Ordinal) ? "–" : (rate * 2 * Dims * Latents / 1e9).ToString("0.0", CultureInfo.InvariantCulture), bytes > 0 ? bytes.ToString("N0", CultureInfo.InvariantCulture) : "–"];

    private static double Rate(Action batch) => Batches * BatchRows / Rounds.Seconds(() =>
    {
        for (int i = 0; i < Batches; i++)
            batch();
    });

    private static double EncodeRate(EncoderModel model, float[] rows)
    {
        int at = 0;
        return Rate(() => model.EncodeToCodes(rows.AsSpan(at++ * BatchRows * Dims, BatchRows * Dims), BatchRows, K));
    }
}

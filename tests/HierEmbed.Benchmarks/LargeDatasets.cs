using System.Globalization;
using System.Text.Json;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Storage;

namespace HierEmbed.Benchmarks;

/// <summary>Datasets that memory does not hold: what looking at one and fitting it takes of it, and what training past it costs.</summary>
internal static class LargeDatasets
{
    private const int Turns = 5;

    private static readonly IReadOnlyDictionary<string, string> NoSettings = new Dictionary<string, string>();

    /// <summary>Inspects and fits 1,000,000 × 1024 float32, 4 GB.</summary>
    public static void Memory()
    {
        const int rows = 1_000_000, dims = 1024;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hierembed-benchmark-");
        try
        {
            string file = Path.Combine(folder.FullName, "embeddings/large/rows.npy");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            Console.WriteLine($"writing {rows} x {dims} float32 to {file}");
            WriteMixture(file, rows, dims);
            Console.WriteLine($"{"",-10} {"seconds",8} {"MB/s",7} {"private MB",11}   budget 300");
            Print("inspect", Cli.Run(Cli.Executable, NoSettings, "inspect", file), new FileInfo(file).Length);
            Print("fit", Cli.Run(Environment.ProcessPath!, NoSettings, "fit", folder.FullName, "large"), new FileInfo(file).Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Packs a dataset and fits its scaler: what <see cref="Memory"/> runs in a process of its own.</summary>
    /// <param name="storage">A storage folder.</param>
    /// <param name="dataset">The dataset.</param>
    public static async Task FitAsync(string storage, string dataset)
    {
        var options = new HierEmbedOptions();
        var pipeline = new HierEmbedPipeline(HierEmbedStorage.Open(storage, options), options, TimeProvider.System);
        string runId = (await Call<DatasetInput, PlannedRun>(pipeline, StepNames.PlanRun, new(dataset))).RunId!;
        while (!(await Call<PackFileInput, StepResult<PackProgress>>(pipeline, StepNames.PackFile, new(runId, 0))).Value!.Done) { }
        FittedRun fitted = (await Call<RunInput, StepResult<FittedRun>>(pipeline, StepNames.FitScaler, new(runId))).Value!;
        Console.WriteLine($"{fitted.Blocks} blocks, {fitted.Rows} rows");
    }

    /// <summary>Trains one dataset within memory and with a cap of half its size, turn by turn, each turn with a seed of its own.</summary>
    public static void PastMemory()
    {
        const int rows = 40_000, dims = 512;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hierembed-benchmark-");
        try
        {
            string file = Path.Combine(folder.FullName, "rows.npy");
            // In the order of the mixture's parts: what lies side by side is alike, the hardest case for blocks that stay together.
            WriteMixture(file, rows, dims);
            const long held = (long)(rows * 0.9) * dims * sizeof(float);
            Console.WriteLine($"{rows} x {dims}: {held / 1e6:F0} MB of training and validation rows, in memory and with a cap of half of that");
            var pairs = new List<(Trained Within, Trained Past)>();
            Console.WriteLine($"{"seed",4} {"rows/s within",14} {"rows/s past",12} {"loss within",12} {"loss past",10}");
            for (int seed = 0; seed <= Turns; seed++)
            {
                (Trained within, Trained past) = (Train(folder, file, seed, long.MaxValue), Train(folder, file, seed, held / 2));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seed,4} {within.RowsPerSecond,14:F0} {past.RowsPerSecond,12:F0} {within.Loss,12:F4} {past.Loss,10:F4}{(seed == 0 ? "   (warms up, does not count)" : "")}"));
                if (seed > 0)
                    pairs.Add((within, past));
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"time per row, past over within: {Rounds.Median(pairs.Select(p => p.Within.RowsPerSecond / p.Past.RowsPerSecond)):F2} (budget 1.30)"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"validation loss, past less within: {pairs.Average(p => p.Past.Loss - p.Within.Loss):+0.0000;-0.0000}; over seeds the loss within varies by {Deviation(pairs.Select(p => p.Within.Loss)):F4}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed record Trained(double RowsPerSecond, double Loss);

    private static Trained Train(DirectoryInfo folder, string file, int seed, long memoryBytes)
    {
        string model = Path.Combine(folder.FullName, "model");
        var settings = new Dictionary<string, string> { ["HierEmbed__TrainingMemoryBytes"] = memoryBytes.ToString(CultureInfo.InvariantCulture), ["HierEmbed__ScratchPath"] = folder.FullName };
        Cli.Run(Cli.Executable, settings, "train", file, "--out", model, "--force", "--set", "epochs=3", "--seed", seed.ToString(CultureInfo.InvariantCulture));
        JsonElement metrics = JsonDocument.Parse(File.ReadAllText(Path.Combine(model, Layout.MetricsFile))).RootElement;
        return new Trained(metrics.GetProperty("samplesPerSecond").GetDouble(), metrics.GetProperty("validationLoss").GetDouble());
    }

    /// <summary>Rows of unit length around 200 centres, one centre's rows after another's.</summary>
    private static void WriteMixture(string file, int rows, int dims)
    {
        const int centres = 200;
        var random = new Random(20261125);
        using FileStream stream = File.Create(file);
        NpyWriter.WriteHeader<float>(stream, rows, dims);
        var values = new float[dims];
        // Drawn once and read from changing places: what the values are is of no matter here, and a normal draw for each would take minutes.
        float[] normal = [.. Enumerable.Range(0, 1 << 20).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        for (int row = 0; row < rows; row++)
        {
            int centre = (int)((long)row * centres / rows) * 4099, from = random.Next(normal.Length);
            for (int d = 0; d < dims; d++)
                values[d] = normal[(centre + d) & (normal.Length - 1)] + normal[(from + d) & (normal.Length - 1)];
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
        }
    }

    private static void Print(string what, (double Seconds, double PrivateMegabytes) run, long bytes) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-10} {run.Seconds,8:F1} {bytes / 1e6 / run.Seconds,7:F0} {run.PrivateMegabytes,11:F0}"));

    private static Task<TOutput> Call<TInput, TOutput>(HierEmbedPipeline pipeline, string step, TInput input) =>
        ((PipelineStep<TInput, TOutput>)pipeline.Step(step)).RunAsync(input, CancellationToken.None);

    private static double Deviation(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double mean = all.Average();
        return Math.Sqrt(all.Sum(v => (v - mean) * (v - mean)) / (all.Length - 1));
    }
}

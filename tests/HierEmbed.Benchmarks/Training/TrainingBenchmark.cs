using System.Globalization;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Network;
using TorchSharp;

namespace HierEmbed.Benchmarks.Training;

/// <summary>Whole optimizer steps against PyTorch's autograd and foreach Adam; what a step is made of, its threads and its memory.</summary>
internal sealed class TrainingBenchmark : ISection
{
    private const int InputDims = 1024, LatentDims = 4096, BatchRows = 1024, Rows = 32 * 1024;
    private const int SeedDims = 256, SeedRows = 100_000;
    private const double GigaflopsOfAProduct = 2e-9 * BatchRows * InputDims * LatentDims;

    /// <summary>Below, a PyTorch without a fast BLAS would be compared with: FACTS of this kind of machine.</summary>
    private const double LeastPeerGigaflops = 60;

    /// <summary>Steps before any count: what runs often is compiled once more meanwhile.</summary>
    private const int WarmUpSteps = 12;

    public string Name => "training";

    public Task RunAsync(BenchmarkReport report)
    {
        report.Heading($"Training, matryoshka {InputDims} → {LatentDims}, k = 8, 32, 64 and one prefix a step, batch {BatchRows}");
        float[] rows = new MixtureRows(InputDims, seed: 2).Next(Rows);
        string file = Path.GetTempFileName();
        try
        {
            Write(file, rows);
            var lines = new List<string[]>();
            foreach (int threads in (int[])[1, 2])
                lines.Add(AgainstPyTorch(report, rows, file, threads));
            report.Table(["threads", "rows a second", "PyTorch's", "ours / theirs", "theirs as installed", "ours / theirs", "theirs as installed, dense decoding", "ours / theirs", "PyTorch chose", "its GFLOP/s"], lines);
            Parts(report, rows);
            Threads(report, rows);
            float[] seedRows = new MixtureRows(SeedDims, seed: 4).Next(SeedRows);
            Write(file, seedRows);
            Seed(report, seedRows, file);
        }
        finally
        {
            File.Delete(file);
        }
        Memory(report);
        return Task.CompletedTask;
    }

    private static string[] AgainstPyTorch(BenchmarkReport report, float[] rows, string file, int threads)
    {
        using TrainedShape ours = TrainedShape.Matryoshka(rows, BatchRows, threads);
        ours.Steps(WarmUpSteps);
        using var tuned = new PythonPeer("training_peer.py", threads);
        using var installed = new PythonPeer("training_peer.py", threads, "as-installed");
        double gigaflops = tuned.Measure("blas");
        if (gigaflops < LeastPeerGigaflops)
            throw new InvalidOperationException($"PyTorch multiplies at {gigaflops:F0} GFLOP/s: without libopenblas0-pthread no comparison is fair.");
        string choice = tuned.Ask($"matryoshka {file}");
        installed.Ask($"matryoshka {file} bag {BatchRows}");
        double[][] rates = Rounds.Alternate(() => ours.Rate(5), () => tuned.Measure("step 2"), () => installed.Measure("step 2"));
        installed.Ask($"matryoshka {file} dense {BatchRows}");
        installed.Measure("step 1");
        double dense = installed.Measure("step 1"), ratio = Rounds.MedianRatio(rates[0], rates[1]), our = Rounds.Median(rates[0]);
        report.AtLeast($"train-{threads}-thread{(threads > 1 ? "s" : "")}", $"train matryoshka 1024 → 4096, {threads} thread{(threads > 1 ? "s" : "")}, against PyTorch", 6, " ×", ratio);
        return [Text(threads), Text(our), Text(Rounds.Median(rates[1])), Text(ratio, "F2"), Text(Rounds.Median(rates[2])), Text(Rounds.MedianRatio(rates[0], rates[2]), "F2"), Text(dense), Text(our / dense, "F1"), choice, Text(gigaflops)];
    }

    /// <summary>The share of a = W x' + b in a step, beside the same product of the same weights alone.</summary>
    private static void Parts(BenchmarkReport report, float[] rows)
    {
        const int steps = 5;
        using TrainedShape ours = TrainedShape.Matryoshka(rows, BatchRows, threads: 1);
        ours.Steps(WarmUpSteps);
        using var scope = torch.NewDisposeScope();
        NetworkParameters parameters = ours.TopK.Parameters;
        using var product = new EncoderProduct(parameters, PackedMatrix.IsFaster);
        torch.Tensor batch = torch.from_array(rows.AsSpan(0, BatchRows * InputDims).ToArray()).view(BatchRows, InputDims).clone();
        using var scratch = new StepScratch(EncoderProduct.MostBlockRows, LatentDims, InputDims);
        torch.Tensor target = torch.empty(BatchRows, LatentDims), columns = parameters.Encoder.t();
        var inside = new List<double>();
        double[][] measured = Rounds.Alternate(
            () =>
            {
                TimeSpan before = ours.TopK.ProductTime;
                double seconds = ours.Steps(steps) / steps;
                inside.Add((ours.TopK.ProductTime - before).TotalSeconds / steps);
                return seconds;
            },
            () => Rounds.Seconds(() => Alone(product, batch, scratch)),
            () => Rounds.Seconds(() => Products.MultiplyInto(batch, columns, target)));
        double[] products = [.. inside.TakeLast(Rounds.Counted)];
        report.AtLeast("train-gemm-share", "the same, share of the encoder's product in a step, one thread", 45, " %", 100 * Rounds.MedianRatio(products, measured[0]));
        report.AtLeast("train-gemm-rate", "that product's rate against itself alone", 90, " %", 100 * Rounds.MedianRatio(measured[1], products));
        report.Line(string.Create(CultureInfo.InvariantCulture,
            $"  a step {1e3 * Rounds.Median(measured[0]):F1} ms, its product {1e3 * Rounds.Median(products):F1} ms ({GigaflopsOfAProduct / Rounds.Median(products):F0} GFLOP/s), alone {1e3 * Rounds.Median(measured[1]):F1} ms ({GigaflopsOfAProduct / Rounds.Median(measured[1]):F0}), by Torch {1e3 * Rounds.Median(measured[2]):F1} ms ({GigaflopsOfAProduct / Rounds.Median(measured[2]):F0})\n"));
    }

    private static void Alone(EncoderProduct product, torch.Tensor batch, StepScratch scratch)
    {
        product.Prepare(new ParallelOptions { MaxDegreeOfParallelism = 1 });
        int blockRows = product.BlockRows(BatchRows, threads: 1);
        for (int first = 0; first < BatchRows; first += blockRows)
            product.Multiply(batch, first, Math.Min(blockRows, BatchRows - first), scratch);
    }

    /// <summary>One thread against two, on a quiet machine and beside a process that keeps two cores busy.</summary>
    private static void Threads(BenchmarkReport report, float[] rows)
    {
        var lines = new List<string[]>();
        foreach (int batchRows in (int[])[256, BatchRows])
        {
            using TrainedShape one = TrainedShape.Matryoshka(rows, batchRows, threads: 1), two = TrainedShape.Matryoshka(rows, batchRows, threads: 2);
            one.Steps(WarmUpSteps);
            two.Steps(WarmUpSteps);
            foreach (bool busy in (bool[])[false, true])
            {
                using BusyCores? load = busy ? new BusyCores() : null;
                double[][] rates = Rounds.Alternate(() => one.Rate(3), () => two.Rate(3));
                lines.Add([Text(batchRows), busy ? "busy: two threads of another process" : "quiet", Text(Rounds.Median(rates[0])), Text(Rounds.Median(rates[1])), Text(Rounds.MedianRatio(rates[1], rates[0]), "F2")]);
            }
        }
        report.Table(["batch", "machine", "rows a second, 1 thread", "2 threads", "2 / 1"], lines);
    }

    private static void Seed(BenchmarkReport report, float[] rows, string file)
    {
        const int steps = 300;
        using TrainedShape ours = TrainedShape.Seed(rows);
        ours.Steps(steps);
        using var peer = new PythonPeer("training_peer.py");
        peer.Ask($"seed {file}");
        double[][] rates = Rounds.Alternate(() => ours.Rate(steps), () => peer.Measure($"step {steps}"));
        report.AtLeast("train-seed", $"train seed {SeedDims} → 128, batch 256, against PyTorch", 1.5, " ×", Rounds.MedianRatio(rates[0], rates[1]));
        report.Line($"  {Text(Rounds.Median(rates[0]))} rows a second, PyTorch's {Text(Rounds.Median(rates[1]))}\n");
    }

    private static void Memory(BenchmarkReport report)
    {
        (_, double large) = TrainingMemory.Measure(BatchRows, threads: 2, first: 10, last: 100);
        (double first, double last) = TrainingMemory.Measure(batchRows: 16, threads: 2, first: 2_000, last: 20_000);
        report.AtMost("train-memory", "private memory of a training 1024 → 4096 beyond data, weights and moments", 200, " MB", Math.Max(large, last));
        report.AtMost("train-memory-growth", "the same, growth from step 2,000 to step 20,000", 10, " MB", last - first);
        report.Line(string.Create(CultureInfo.InvariantCulture, $"  batch {BatchRows}: {large:F0} MB after 100 steps; batch 16: {first:F0} MB after 2,000 steps, {last:F0} MB after 20,000; the best weights so far, 34 MB, are among them\n"));
    }

    private static void Write(string file, float[] rows)
    {
        using FileStream stream = File.Create(file);
        for (int at = 0; at < rows.Length; at += 1 << 20)
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(rows.AsSpan(at, Math.Min(1 << 20, rows.Length - at))));
    }

    private static string Text(double value, string format = "N0") => value.ToString(format, CultureInfo.InvariantCulture);
}

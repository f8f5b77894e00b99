using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Benchmarks;

/// <summary>The choice of the 64 strongest of 4096 latents, over rows that do not fit into a core's own cache, as the matrix product leaves them.</summary>
public class SelectionKernel
{
    private const int Latents = 4096, K = 64, Rows = 512;

    private readonly float[] rows = new float[Rows * Latents];
    private readonly ulong[] scratch = new ulong[Latents];
    private readonly int[] latents = new int[K];
    private readonly float[] values = new float[K];

    [Params(CodeActivation.Relu, CodeActivation.Signed)]
    public CodeActivation Activation { get; set; }

    /// <summary>Runs both within this process: no project is generated.</summary>
    /// <returns>Microseconds a row by activation and method, medians.</returns>
    internal static IEnumerable<(string Name, double Microseconds)> Measure()
    {
        IConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithIterationCount(7))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile);
        string artifacts = Directory.CreateTempSubdirectory("hierembed-benchmark-").FullName;
        try
        {
            Summary summary = BenchmarkRunner.Run<SelectionKernel>(config.WithArtifactsPath(artifacts));
            return [.. summary.Reports.Select(report => ($"{report.BenchmarkCase.Descriptor.WorkloadMethod.Name}, {report.BenchmarkCase.Parameters["Activation"]}",
                (report.ResultStatistics ?? throw new InvalidOperationException($"{report.BenchmarkCase.DisplayInfo} was not measured.")).Median / 1000))];
        }
        finally
        {
            Directory.Delete(artifacts, recursive: true);
        }
    }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (int i = 0; i < rows.Length; i++)
            rows[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public int Ascending()
    {
        int sum = 0;
        for (int row = 0; row < Rows; row++)
            sum += StrongestLatents.SelectAscending(rows.AsSpan(row * Latents, Latents), Activation, scratch, latents, values);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public int StrongestFirst()
    {
        int sum = 0;
        for (int row = 0; row < Rows; row++)
            sum += StrongestLatents.Select(rows.AsSpan(row * Latents, Latents), Activation, scratch, latents, values);
        return sum;
    }
}

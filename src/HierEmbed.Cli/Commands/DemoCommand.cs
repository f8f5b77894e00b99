using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using HierEmbed.Cli.Demo;
using HierEmbed.Cli.Hosting;
using HierEmbed.Cli.Output;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Runs;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed demo</c>: the whole story on the shipped sample, from a dropped file to nearest words over HTTP.</summary>
internal static class DemoCommand
{
    private const string Dataset = "wordnet-4k";
    private const string ReportFile = "hierembed-demo-report.html";
    private const int Top = 10;

    /// <summary>Words of the sample whose neighbours speak for themselves.</summary>
    public static IReadOnlyList<string> Words { get; } = ["wine", "withdrawal", "Greek alphabet"];

    public static Command Create()
    {
        var port = new WholeNumberOption("--port", "Port on 127.0.0.1 (default: a free one).", 1, 65_535);
        var keep = new Option<bool>("--keep") { Description = "Go on serving at the end, until Ctrl+C." };
        var report = new PathOption("--report", "file", $"Where the report goes (default: {ReportFile} in the current folder; with --keep it is served instead).");
        var command = new Command("demo", "Train on the shipped sample and show what the codes are worth.") { port, keep, report };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string root = Directory.CreateTempSubdirectory("hierembed-demo-").FullName;
            try
            {
                await RunAsync(root, parsed.GetValue(port) ?? 0, parsed.GetValue(keep), parsed.GetValue(report), cancellationToken);
            }
            finally
            {
                Directory.Delete(root, recursive: true);
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task RunAsync(string root, long port, bool keep, string? report, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        HierEmbedOptions options = Settings.Load();
        await using LocalHost host = await LocalHost.StartAsync(HierEmbedStorage.Open(root, options), options, $"http://127.0.0.1:{port}", verbose: false, cancellationToken);
        Sample sample = Sample.Load();
        string upload = Directory.CreateDirectory(Path.Combine(root, options.UploadsContainer, Dataset)).FullName;
        // Labels first: what starts the training is a file of vectors.
        File.Copy(Sample.RowsFile, Path.Combine(upload, "labels.jsonl"));
        File.Copy(Sample.VectorsFile, Path.Combine(upload, "vectors.npy"));
        Console.Error.WriteLine($"Dropped {sample.Rows} embeddings of {sample.Dims} dims into {Path.Combine(options.UploadsContainer, Dataset)}/; serving on {host.Address}");

        using var client = new DemoClient(host.Address, options.ApiKey);
        RunView run = await FollowAsync(client, cancellationToken);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Published {Dataset}/{run.ModelVersion} after {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s; asking POST /api/v1/models/{Dataset}/search for neighbours"));

        var found = new List<DemoNeighbours>();
        int bytesPerVector = 0;
        foreach (int row in Words.Select(sample.RowOf))
        {
            (bytesPerVector, int[] byCodes) = await client.SearchAsync(Dataset, row, Top, Rerank.Codes, cancellationToken);
            (_, int[] reranked) = await client.SearchAsync(Dataset, row, Top, Rerank.Full, cancellationToken);
            found.Add(new DemoNeighbours(row, Neighbours.ByVectors(sample, row, Top), byCodes, reranked));
        }
        new DemoReport(sample).Print(Consoles.Results, found, bytesPerVector, (await client.ModelAsync(Dataset, cancellationToken)).Metrics);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Done in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
        if (report is not null || !keep)
        {
            string file = Path.GetFullPath(report ?? ReportFile);
            await File.WriteAllBytesAsync(file, await client.ReportAsync(Dataset, cancellationToken), cancellationToken);
            Console.Out.WriteLine(file);
        }
        if (keep)
        {
            Uri model = new(host.Address, $"/api/v1/models/{Dataset}");
            Console.Error.WriteLine($"Still serving {model} (Ctrl+C stops and deletes {root}); the report:");
            Console.Out.WriteLine($"{model}/report");
            await LocalHost.WaitAsync(cancellationToken);
        }
    }

    private static async Task<RunView> FollowAsync(DemoClient client, CancellationToken cancellationToken)
    {
        var shown = new RunProgress();
        while (true)
        {
            RunView? run = await client.FindRunAsync(Dataset, cancellationToken);
            if (run is not null)
                shown.Show(run);
            if (run?.State is RunState.Published)
            {
                shown.EndLine();
                return run;
            }
            if (run?.Problem is { } problem)
                throw new HierEmbedException(new ProblemType(problem.Code, problem.Title, problem.Status), problem.Detail);
            if (run?.State is RunState.Cancelled or RunState.Superseded)
                throw new HierEmbedException(ProblemTypes.Conflict, $"The demo's run ended as {run.State.ToString().ToLowerInvariant()}: somebody else used its server or its folder. Start the demo again.");
            await Task.Delay(200, cancellationToken);
        }
    }
}

using HierEmbed.Cli.Output;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.Serving.Runs;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Runs;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Cli.Hosting;

/// <summary>Trains on files where they lie: the pipeline's own run, over a storage of its own that is gone afterwards.</summary>
internal static class LocalTraining
{
    /// <summary>Trains and puts the published version's folder at a path.</summary>
    /// <param name="dataset">Name of the model.</param>
    /// <param name="files">Embedding files, full paths.</param>
    /// <param name="trainingJson">What <c>training.json</c> would hold.</param>
    /// <param name="destination">The model's folder; must not exist.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Stops the training; nothing is left behind.</param>
    /// <exception cref="HierEmbedException">The run failed for good.</exception>
    public static async Task<RunRecord> TrainAsync(
        string dataset, IReadOnlyList<string> files, byte[] trainingJson, string destination, HierEmbedOptions options, CancellationToken cancellationToken)
    {
        // Beside the destination, so that the finished folder is moved and never copied.
        string root = $"{destination}.training-{Guid.NewGuid():N}";
        try
        {
            HierEmbedStorage storage = Settings.OpenFolder(root, options);
            Link(Path.Combine(root, options.UploadsContainer, dataset), files, trainingJson);
            var pipeline = new HierEmbedPipeline(storage, options, TimeProvider.System);
            RunRecord run = await pipeline.Runs.CreateAsync(await pipeline.Datasets.ListAsync(dataset, cancellationToken), cancellationToken);
            await using var engine = new InProcessEngine(pipeline, TimeProvider.System, NullLogger.Instance);
            run = await ShowWhileAsync(pipeline, run.RunId, engine.TrainAsync(run.RunId, cancellationToken));
            if (run.Problem is { } problem)
                throw new HierEmbedException(new ProblemType(problem.Code, problem.Title, problem.Status), problem.Detail);
            Directory.Move(Path.Combine(root, options.ResultsContainer, Layout.Version(dataset, run.ModelVersion!)), destination);
            return run;
        }
        finally
        {
            if (Directory.Exists(root))
                Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Uploads by link: the files are read where they lie. Each in a folder of its own number, so that names cannot clash and order is kept.</summary>
    private static void Link(string folder, IReadOnlyList<string> files, byte[] trainingJson)
    {
        Directory.CreateDirectory(folder);
        for (int i = 0; i < files.Count; i++)
        {
            string numbered = Directory.CreateDirectory(Path.Combine(folder, FormattableString.Invariant($"{i:D6}"))).FullName;
            File.CreateSymbolicLink(Path.Combine(numbered, Path.GetFileName(files[i])), files[i]);
        }
        File.WriteAllBytes(Path.Combine(folder, DatasetCatalog.TrainingFile), trainingJson);
    }

    private static async Task<RunRecord> ShowWhileAsync(HierEmbedPipeline pipeline, string runId, Task<RunRecord> run)
    {
        var shown = new RunProgress();
        while (await Task.WhenAny(run, Task.Delay(250)) != run)
        {
            if (await pipeline.Runs.FindAsync(runId) is { } record)
                shown.Show(RunView.From(record, await pipeline.Runs.ProgressAsync(runId)));
        }
        shown.EndLine();
        return await run;
    }
}

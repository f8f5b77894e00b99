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
    /// <param name="labels">Files of labels that belong to them, full paths.</param>
    /// <param name="trainingJson">What <c>training.json</c> would hold.</param>
    /// <param name="destination">The model's folder; an older model there is replaced once the new one is complete.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Stops the training; nothing is left behind.</param>
    /// <exception cref="HierEmbedException">The run failed for good.</exception>
    public static async Task<RunRecord> TrainAsync(
        string dataset, IReadOnlyList<string> files, IReadOnlyList<string> labels, byte[] trainingJson, string destination, HierEmbedOptions options, CancellationToken cancellationToken)
    {
        // On the destination's disk, so that the finished folder is moved and never copied; in a folder that is there, so that a failure leaves none.
        string root = Path.Combine(NearestFolder(destination), $".{Path.GetFileName(destination)}.training-{Guid.NewGuid():N}");
        try
        {
            HierEmbedStorage storage = HierEmbedStorage.Open(root, options);
            Link(Path.Combine(root, options.UploadsContainer, dataset), files, labels, trainingJson);
            var pipeline = new HierEmbedPipeline(storage, options, TimeProvider.System);
            RunRecord run = await pipeline.Runs.CreateAsync(await pipeline.Datasets.ListAsync(dataset, cancellationToken), cancellationToken);
            await using var engine = new InProcessEngine(pipeline, TimeProvider.System, NullLogger.Instance);
            run = await ShowWhileAsync(pipeline, run.RunId, engine.TrainAsync(run.RunId, cancellationToken));
            if (run.Problem is { } problem)
                throw new HierEmbedException(new ProblemType(problem.Code, problem.Title, problem.Status), WithUsersNames(problem.Detail, dataset, files));
            if (run.State != RunState.Published)
                throw new DatasetException(ProblemTypes.Conflict, "A file changed while it was read. Train again when nothing writes to it.");
            Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
            string finished = Path.Combine(root, options.ResultsContainer, Layout.Version(dataset, run.ModelVersion!));
            ModelFolder.Replace(finished, destination, aside: Path.Combine(root, "replaced"));
            return run;
        }
        finally
        {
            if (Directory.Exists(root))
                Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Uploads by link: the files are read where they lie. Each in a folder of its own number, so that names cannot clash and order is kept.</summary>
    private static void Link(string folder, IReadOnlyList<string> files, IReadOnlyList<string> labels, byte[] trainingJson)
    {
        Directory.CreateDirectory(folder);
        for (int i = 0; i < files.Count; i++)
        {
            string link = Path.Combine(folder, LinkName(i, files[i]));
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, files[i]);
        }
        foreach (string file in labels)
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
        File.WriteAllBytes(Path.Combine(folder, DatasetCatalog.TrainingFile), trainingJson);
    }

    private static string LinkName(int index, string file) => FormattableString.Invariant($"{index:D6}/{Path.GetFileName(file)}");

    /// <summary>A message that names files as the user does, and not as they are linked.</summary>
    private static string WithUsersNames(string detail, string dataset, IReadOnlyList<string> files)
    {
        for (int i = 0; i < files.Count; i++)
            detail = detail.Replace($"{dataset}/{LinkName(i, files[i])}", InputFiles.Shown(files[i]), StringComparison.Ordinal);
        return detail;
    }

    private static string NearestFolder(string path)
    {
        string folder = Path.GetDirectoryName(path) ?? path;
        while (!Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    private static async Task<RunRecord> ShowWhileAsync(HierEmbedPipeline pipeline, string runId, Task<RunRecord> run)
    {
        var shown = new RunProgress();
        bool ended;
        do
        {
            ended = await Task.WhenAny(run, Task.Delay(250)) == run;
            // Once more at the end: a short training is over between two looks.
            if (await pipeline.Runs.FindAsync(runId) is { } record)
                shown.Show(RunView.From(record, await pipeline.Runs.ProgressAsync(runId)));
        }
        while (!ended);
        shown.EndLine();
        return await run;
    }
}

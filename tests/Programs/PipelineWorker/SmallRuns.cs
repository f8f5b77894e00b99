using HierEmbed.Core.Options;
using HierEmbed.Pipeline;
using HierEmbed.Storage;
using HierEmbed.Storage.Folders;
using HierEmbed.Storage.Runs;

namespace HierEmbed.PipelineWorker;

/// <summary>Settings under which a run takes a second, and what the tests and their worker processes share.</summary>
public static class SmallRuns
{
    /// <summary>Each file one block, each training one chunk.</summary>
    public static HierEmbedOptions OnePiece => new()
    {
        QuietPeriod = TimeSpan.FromMilliseconds(50),
        PollInterval = TimeSpan.FromMilliseconds(50),
        CodesK = 4,
        // Another number of threads may change the last bits of a model.
        Threads = 1,
    };

    /// <summary>Blocks of 64 rows of 16 values, and steps that return after one block or one optimizer step. Smaller than a host accepts, so that few rows do.</summary>
    public static HierEmbedOptions ManyPieces
    {
        get
        {
            HierEmbedOptions options = OnePiece;
            options.BlockBytes = 64 * 16 * sizeof(float);
            options.StepBudget = TimeSpan.Zero;
            return options;
        }
    }

    /// <summary>The pipeline over a folder.</summary>
    /// <param name="root">Holds both containers.</param>
    /// <param name="options">Settings.</param>
    /// <param name="observe">Wraps the results container.</param>
    /// <param name="observeUploads">Wraps the uploads container.</param>
    public static HierEmbedPipeline Open(
        string root, HierEmbedOptions options, Func<IArtifactStore, IArtifactStore>? observe = null, Func<IArtifactStore, IArtifactStore>? observeUploads = null)
    {
        IArtifactStore uploads = new FolderStore(Path.Combine(root, options.UploadsContainer));
        IArtifactStore results = new FolderStore(Path.Combine(root, options.ResultsContainer));
        var storage = new HierEmbedStorage(observeUploads?.Invoke(uploads) ?? uploads, observe?.Invoke(results) ?? results);
        return new HierEmbedPipeline(storage, options, TimeProvider.System);
    }

    /// <summary>Waits until there are runs, all have ended, and no dataset is marked.</summary>
    public static async Task WorkedOffAsync(HierEmbedPipeline pipeline, CancellationToken cancellationToken = default)
    {
        while (!await IsWorkedOffAsync(pipeline, cancellationToken))
            await Task.Delay(25, cancellationToken);
    }

    private static async Task<bool> IsWorkedOffAsync(HierEmbedPipeline pipeline, CancellationToken cancellationToken)
    {
        if ((await pipeline.Markers.ListAsync(cancellationToken)).Count > 0)
            return false;
        bool any = false;
        await foreach (RunRecord run in pipeline.Runs.ListAsync(null, cancellationToken))
        {
            if (!run.HasEnded)
                return false;
            any = true;
        }
        return any;
    }
}

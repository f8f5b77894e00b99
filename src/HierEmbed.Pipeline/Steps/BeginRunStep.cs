using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Core.Recipes;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>What a run is to do.</summary>
/// <param name="Files">Files to pack.</param>
/// <param name="MaxParallelSteps">Steps that may be outstanding at once.</param>
/// <param name="EncodeWith">The version that new files are coded with, where nothing is to be trained.</param>
/// <param name="Sequence">The attempt that begins: a run that is started again has another. Null in the history of a run that began before this was kept.</param>
public sealed record RunBeginning(int Files, int MaxParallelSteps, string? EncodeWith, long? Sequence = null);

/// <summary>Reads <c>training.json</c> and refuses what can be refused before any row is read.</summary>
public sealed class BeginRunStep(RunStore runs, ModelStore models, RoomForecast forecast, HierEmbedOptions options) : RunStep<RunInput, RunBeginning>(StepNames.BeginRun, "begin", runs)
{
    /// <inheritdoc />
    protected override async Task<StepResult<RunBeginning>> ExecuteAsync(RunInput input, RunRecord run, CancellationToken cancellationToken)
    {
        DatasetListing listing = await Runs.ListingAsync(input.RunId, cancellationToken);
        TrainingRequest request = RequestOf(listing);
        if (request.OnBadFile == OnBadFile.Fail)
        {
            foreach (DatasetFile file in listing.Files)
                RefuseTooLarge(file, options);
        }
        string? encodeWith = await EncodeWithAsync(models, request, run.Dataset, cancellationToken);
        try
        {
            if (encodeWith is null)
                await forecast.RequireAsync(listing, request, cancellationToken);
        }
        catch (Exception e) when (PackFileStep.IsNotWhatWasListed(e))
        {
            return new(null, new RunEnd(RunState.Superseded));
        }
        return StepResult.Of(new RunBeginning(listing.Files.Count, options.MaxParallelSteps, encodeWith, run.Sequence));
    }

    /// <summary>Refuses a file above the size limit.</summary>
    /// <exception cref="EmbeddingFileException">It is above.</exception>
    internal static void RefuseTooLarge(DatasetFile file, HierEmbedOptions options)
    {
        if (file.Bytes > options.MaxFileBytes)
            throw new EmbeddingFileException(ProblemTypes.TooLarge, file.Name,
                $"the file has {file.Bytes} bytes; maxFileBytes allows {options.MaxFileBytes}. Split the file or raise the setting.");
    }

    /// <summary>The version that new files are coded with; null where a model is to be trained.</summary>
    internal static async Task<string?> EncodeWithAsync(ModelStore models, TrainingRequest request, string dataset, CancellationToken cancellationToken) =>
        request.Retrain == Retrain.Never ? (await models.FindLatestAsync(dataset, cancellationToken)).Value?.Version : null;

    /// <summary>What the dataset's <c>training.json</c> asks for, or the defaults where it has none.</summary>
    internal static TrainingRequest RequestOf(DatasetListing listing) =>
        listing.TrainingJson is null ? new TrainingRequest() : TrainingRequest.Parse(listing.TrainingJson);
}

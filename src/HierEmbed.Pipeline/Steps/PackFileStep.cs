using System.Diagnostics;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Recipes;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of <see cref="PackFileStep"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="File">Index of the file in the run's listing.</param>
public sealed record PackFileInput(string RunId, int File) : IRunInput;

/// <summary>How far a file is packed.</summary>
/// <param name="Done">Whether its end was reached; else the step is to be called again.</param>
public sealed record PackProgress(bool Done);

/// <summary>Packs one file into row blocks for one time budget, going on where the last call (or a killed process) stopped.</summary>
public sealed class PackFileStep(HierEmbedStorage storage, RunStore runs, ModelStore models, TrainingRoom room, HierEmbedOptions options) : RunStep<PackFileInput, PackProgress>(StepNames.PackFile, "pack", runs)
{
    /// <summary>Share of the budget that is for packing however long the opening takes.</summary>
    private const double LeastPacking = 0.25;

    /// <inheritdoc />
    protected override async Task<StepResult<PackProgress>> ExecuteAsync(PackFileInput input, RunRecord run, CancellationToken cancellationToken)
    {
        DatasetListing listing = await Runs.ListingAsync(input.RunId, cancellationToken);
        DatasetFile file = listing.Files[input.File];
        TrainingRequest request = BeginRunStep.RequestOf(listing);
        var blocks = new BlockStore(storage.Results, input.RunId);
        // Up to the first gap, which another host leaves that clears the run's work away meanwhile: from there the file is packed again.
        BlockRecord[] packed = [.. (await blocks.ListAsync(input.File, cancellationToken)).TakeWhile((record, index) => record.Block == index)];
        if (packed.Length > 0 && packed[^1].Last)
            return StepResult.Of(new PackProgress(true));
        try
        {
            BeginRunStep.RefuseTooLarge(file, options);
            bool needsRoom = request.OnBadFile == OnBadFile.Fail && await BeginRunStep.EncodeWithAsync(models, request, run.Dataset, cancellationToken) is null;
            bool done = await PackAsync(file, request, needsRoom, packed, new BlockWriter(blocks, input.File, request, options.PackHalf), cancellationToken);
            return StepResult.Of(new PackProgress(done));
        }
        catch (EmbeddingFileException e) when (request.OnBadFile == OnBadFile.Skip)
        {
            await blocks.SkipFileAsync(input.File, e.ToProblem(), cancellationToken);
            return StepResult.Of(new PackProgress(true));
        }
        catch (Exception e) when (IsNotWhatWasListed(e))
        {
            // The upload is not what was listed: the marker that its change set will start another run.
            return new(null, new RunEnd(RunState.Superseded));
        }
    }

    /// <summary>Whether an upload was changed or deleted since it was listed.</summary>
    internal static bool IsNotWhatWasListed(Exception e) => e is ArtifactChangedException or ArtifactNotFoundException;

    private async Task<bool> PackAsync(DatasetFile file, TrainingRequest request, bool needsRoom, BlockRecord[] packed, BlockWriter writer, CancellationToken cancellationToken)
    {
        // Whether too many rows were rejected is judged over all calls, at the end: not by the reader, which sees only this one.
        var readerOptions = new ReaderOptions { MaxRejectedFraction = null, RejectZeroRows = request.Recipe.L2Normalize, SpoolFolder = options.ScratchPath };
        long started = Stopwatch.GetTimestamp();
        await using Stream stream = await storage.Uploads.OpenReadAsync(file.Name, file.ETag, cancellationToken);
        using IEmbeddingReader reader = EmbeddingReaders.Open(file.Name, stream, readerOptions, cancellationToken);
        if (packed.Length > 0)
            reader.SkipTo(packed[^1].NextRow, cancellationToken);

        // Going to that row may take all of the budget (text is read again from its beginning). A call packs a block all the same, and more than
        // one, or a long file's calls would do little else than going there.
        TimeSpan least = Stopwatch.GetElapsedTime(started) + (options.StepBudget * LeastPacking);
        TimeSpan until = least > options.StepBudget ? least : options.StepBudget;

        // No row of a JSON file was an embedding: the opening read them all in search of one.
        if (reader.Info.Dims == 0)
            JudgeRejections(file.Name, reader, reader.Rejections.Count, maxFraction: 0);

        int bytesARow = reader.Info.Dims * (options.PackHalf ? sizeof(ushort) : sizeof(float));
        using var labels = new LabelSpool(readerOptions.SpoolFolder);
        var batch = new EmbeddingBatch(Math.Max(1, options.BlockBytes / bytesARow), reader.Info.Dims, keepsLabels: false, labels);
        long rejectedBefore = packed.Sum(b => b.Rejected);
        long trainingRows = packed.Sum(b => b.TrainingRows);
        // From 0, not from what opening the file left: a reader looks for the first good row there, and may reject others on the way.
        IReadOnlyDictionary<string, long> inEarlierBlocks = new Dictionary<string, long>();
        int listedBefore = 0, listed = packed.Sum(b => b.RejectedRows.Count);
        for (int block = packed.Length; ; block++)
        {
            bool last = !FillBlock(reader, batch, cancellationToken);
            if (last)
                JudgeRejections(file.Name, reader, rejectedBefore + reader.Rejections.Count, request.MaxRejectedFraction ?? options.MaxRejectedFraction);
            IReadOnlyDictionary<string, long> soFar = reader.Rejections.ByReason;
            Dictionary<string, long> here = soFar.Where(pair => pair.Value > inEarlierBlocks.GetValueOrDefault(pair.Key))
                .ToDictionary(pair => pair.Key, pair => pair.Value - inEarlierBlocks.GetValueOrDefault(pair.Key));
            BlockRecord written = await writer.WriteAsync(block, batch, labels, reader, last, here, [.. reader.Rejections.Listed.Skip(listedBefore).Take(RowRejections.ListedAtMost - listed)], cancellationToken);
            trainingRows += written.TrainingRows;
            listed += written.RejectedRows.Count;
            if (last)
                return true;
            // Of this file alone: the rows of all are known when all are packed. A file that may be left out still may not count at all.
            if (needsRoom)
                room.Require(trainingRows, batch.Dims, options.PackHalf);
            inEarlierBlocks = soFar;
            listedBefore = reader.Rejections.Listed.Count;
            if (Stopwatch.GetElapsedTime(started) > until)
                return false;
        }
    }

    /// <summary>Reads until the batch is full; false where the file ended before or exactly there.</summary>
    private static bool FillBlock(IEmbeddingReader reader, EmbeddingBatch batch, CancellationToken cancellationToken)
    {
        bool more;
        do
            more = reader.Read(batch, cancellationToken);
        while (more && batch.Count == 0);
        return more;
    }

    private static void JudgeRejections(string name, IEmbeddingReader reader, long rejected, double maxFraction)
    {
        if (rejected == 0 || (rejected <= reader.NextRow * maxFraction && rejected < reader.NextRow))
            return;
        string first = reader.Rejections.Listed.Count > 0
            ? $" One is row {reader.Rejections.Listed[0].Row}: {reader.Rejections.Listed[0].Detail}."
            : string.Empty;
        throw new EmbeddingFileException(ProblemTypes.TooManyRejectedRows, name,
            FormattableString.Invariant($"{rejected} of {reader.NextRow} rows were rejected, {maxFraction:P1} may be.{first} Mend the rows or raise maxRejectedFraction in training.json."));
    }
}

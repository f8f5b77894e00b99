using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>What the rest of a run works on.</summary>
/// <param name="Version">The model version that the run makes, or codes with.</param>
/// <param name="Blocks">Packed row blocks.</param>
/// <param name="IsPublished">Whether that version is published already: nothing is left to train.</param>
/// <param name="Rows">Rows in those blocks. Null in what an earlier program answered.</param>
public sealed record FittedRun(string Version, int Blocks, bool IsPublished, long? Rows = null);

/// <summary>Merges the blocks' moments, fits the scaler, refuses data that cannot train, and fixes the plan.</summary>
/// <remarks>Called again in one attempt it answers with the plan that is there: labels beside the data may be others by then, under steps that work by it.</remarks>
public sealed class FitScalerStep(HierEmbedStorage storage, RunStore runs, ModelStore models, TrainingRoom room, HierEmbedOptions options) : RunStep<RunInput, FittedRun>(StepNames.FitScaler, "fit", runs)
{
    /// <inheritdoc />
    protected override async Task<StepResult<FittedRun>> ExecuteAsync(RunInput input, RunRecord run, CancellationToken cancellationToken)
    {
        DatasetListing listing = await Runs.ListingAsync(input.RunId, cancellationToken);
        TrainingRequest request = BeginRunStep.RequestOf(listing);
        var store = new BlockStore(storage.Results, input.RunId);
        IReadOnlyList<BlockRecord> blocks = await store.ListAsync(null, cancellationToken);
        RequireWhole(blocks, listing);
        SkippedFile[] skipped = [.. blocks.Where(b => b.Skipped is not null).Select(b => new SkippedFile(listing.Files[b.File].Name, b.Skipped!))];
        Dictionary<int, long?> firstRows = FirstRows(blocks);
        blocks = [.. blocks.Where(b => b.Skipped is null)];
        if (blocks.Count == 0)
            throw new DatasetException(ProblemTypes.UntrainableData, $"None of the {skipped.Length} files of dataset \"{run.Dataset}\" can be used, so nothing is left to train on. {skipped[0].Problem.Detail}");
        string contentHash = ContentHash(blocks);
        (RunPlan? there, string? etag) = await storage.Results.FindJsonAsync<RunPlan>(Layout.Plan(input.RunId), cancellationToken);
        // Rows that another host cleared away are packed again, without what was merged.
        if (there is not null && there.Sequence == run.Sequence && there.ContentHash == contentHash && await store.HasMergedLabelsAsync(there.Blocks, cancellationToken))
            return await FittedAsync(run, there, cancellationToken);
        RefuseMixedDims(blocks, listing);
        RefuseMixedModels(blocks, listing, request);
        RunningMoments moments = MergedMoments(blocks);
        RefuseUntrainable(blocks, moments, run.Dataset);

        RowCounts rows = CountRows(blocks, request.Recipe);
        var scaler = StandardScaler.Fit(moments, request.Recipe.Scaling);
        ResolvedRecipe recipe = request.Recipe.Resolve(moments.Dims, rows.Train);
        RefuseOversized(recipe, rows);
        bool half = blocks.All(b => b.Half || b.Rows == 0);
        if (await BeginRunStep.EncodeWithAsync(models, request, run.Dataset, cancellationToken) is null)
            room.Require(rows.Train + rows.Validation, recipe.InputDims, half);
        string? parentModel = request.ParentModel ?? blocks.Select(b => b.ParentModel).FirstOrDefault(m => m is not null);
        string? inputType = request.InputType ?? blocks.Select(b => b.InputType).FirstOrDefault(t => t is not null);
        var plan = new RunPlan(recipe, request.Seed, rows, contentHash, VersionOf(contentHash, recipe, request.Seed),
            [.. blocks.Where(b => b.Rows > 0).Select(b => new PackedBlock(b.File, b.Block, b.Rows, b.Sha256, firstRows[b.File] + b.FirstRow, b.LabelsSha256, FirstRowInFile: b.FirstRow))], parentModel, inputType, half, Sequence: run.Sequence);
        plan = await WithLabelsAsync(store, run.Dataset, plan, blocks.Any(b => b.Statistics.WithId > 0), cancellationToken);
        await storage.Results.WriteJsonAsync(Layout.Scaler(input.RunId), new StoredScaler(scaler.Mode, [.. scaler.Mean], [.. scaler.Scale]), WriteCondition.Always, cancellationToken);
        DatasetProfile profile = ProfileOf(blocks, listing, await store.CountDuplicatesAsync(blocks, cancellationToken)) with { ParentModel = parentModel, InputType = inputType };
        await Runs.UpdateAsync(input.RunId, found => found with
        {
            Profile = profile,
            Rows = rows,
            ConstantDims = ConstantDims(moments),
            SkippedFiles = skipped.Length > 0 ? [.. skipped.Take(RunRecord.SkippedFilesListed)] : null,
        }, cancellationToken);
        // Last: where it is there, all of the above is.
        if (await storage.Results.WriteJsonAsync(Layout.Plan(input.RunId), plan, WriteCondition.IfUnchanged(etag), cancellationToken) is null)
            throw new IOException($"Another worker fixed the plan of run {input.RunId} meanwhile; the next call finds it.");
        return await FittedAsync(run, plan, cancellationToken);
    }

    private async Task<StepResult<FittedRun>> FittedAsync(RunRecord run, RunPlan plan, CancellationToken cancellationToken)
    {
        await Runs.UpdateAsync(run.RunId, found => found.Labels == plan.Labels ? null : found with { Labels = plan.Labels }, cancellationToken);
        bool published = await models.FindManifestAsync(run.Dataset, plan.Version, cancellationToken) is not null;
        return StepResult.Of(new FittedRun(plan.Version, plan.Blocks.Count, published, plan.Rows.Total));
    }

    /// <summary>The plan with what a labels file beside the data adds to its blocks. One that is of no use adds nothing; the evaluation says why.</summary>
    private async Task<RunPlan> WithLabelsAsync(BlockStore store, string dataset, RunPlan plan, bool rowsHaveIds, CancellationToken cancellationToken)
    {
        IReadOnlyList<ArtifactInfo> files = await new DatasetCatalog(storage.Uploads).ListLabelsAsync(dataset, cancellationToken);
        plan = plan with { Labels = DatasetCatalog.StateOf(files) };
        using DatasetLabels labels = await DatasetLabels.OpenAsync(storage.Uploads, files, plan.Rows.Total + plan.Rows.Rejected, rowsHaveIds, options.ScratchPath, cancellationToken);
        if (!labels.IsPresent)
            return plan with { LabelsProblem = labels.Problem };
        var blocks = new List<PackedBlock>();
        foreach (PackedBlock block in plan.Blocks)
            blocks.Add(await store.MergeLabelsAsync(block, labels, options.ScratchPath, cancellationToken));
        return plan with { Blocks = blocks, LabelsProblem = labels.Problem };
    }

    /// <summary>Rows of the files before each, rejected ones counted; null behind a file that was left out, whose rows nobody counted.</summary>
    private static Dictionary<int, long?> FirstRows(IReadOnlyList<BlockRecord> blocks)
    {
        var firstRows = new Dictionary<int, long?>();
        long? next = 0;
        foreach (IGrouping<int, BlockRecord> file in blocks.GroupBy(b => b.File))
        {
            firstRows[file.Key] = next;
            next = file.Last().Skipped is null ? next + file.Last().NextRow : null;
        }
        return firstRows;
    }

    private static DatasetProfile ProfileOf(IReadOnlyList<BlockRecord> blocks, DatasetListing listing, DuplicateCounter duplicates) => new()
    {
        Files = [.. blocks.GroupBy(b => b.File).Take(DatasetProfile.FilesListed).Select(file =>
            new FileInDataset(listing.Files[file.Key].Name, file.First().Format, file.First().ElementType, file.Sum(b => (long)b.Rows), file.Sum(b => b.Rejected), file.First().Compression))],
        Dims = blocks[0].Dims,
        Rows = blocks.Select(b => b.Statistics).Aggregate((all, here) => all.And(here)),
        Duplicates = duplicates.Count(),
        DuplicatesEstimated = !duplicates.IsExact,
        Rejected = blocks.Sum(b => b.Rejected),
        RejectedByReason = blocks.SelectMany(b => b.RejectedByReason ?? new Dictionary<string, long>()).GroupBy(pair => pair.Key).ToDictionary(reason => reason.Key, reason => reason.Sum(pair => pair.Value)),
    };

    /// <summary>Whether every file is packed to its end. Another host that cleared the run away meanwhile leaves gaps: the run is packed again then.</summary>
    private static void RequireWhole(IReadOnlyList<BlockRecord> blocks, DatasetListing listing)
    {
        ILookup<int, BlockRecord> byFile = blocks.ToLookup(b => b.File);
        for (int file = 0; file < listing.Files.Count; file++)
        {
            BlockRecord[] packed = [.. byFile[file]];
            if (packed.Length == 0 || !packed[^1].Last || packed.Where((b, index) => b.Block != index).Any())
                throw new IOException($"Row blocks of {listing.Files[file].Name} are missing; the file is packed again when the run is taken up.");
        }
    }

    /// <summary>One array holds 2³¹ values at most; training keeps the order of its rows, and each weight matrix, in one.</summary>
    private static void RefuseOversized(ResolvedRecipe recipe, RowCounts rows)
    {
        long most = Array.MaxLength / sizeof(float);
        if (rows.Train > Array.MaxLength)
            throw new DatasetException(ProblemTypes.UntrainableData, $"{rows.Train} training rows are more than the {Array.MaxLength} that one training takes. Upload fewer.");
        if ((long)recipe.LatentDims * recipe.InputDims > most)
            throw new RecipeException(ProblemTypes.InvalidRecipe, $"latentDims {recipe.LatentDims} × inputDims {recipe.InputDims} is more than {most} weights. Lower latentDims.");
        long batchValues = (long)recipe.Recipe.BatchRows * Math.Max(recipe.LatentDims, (long)recipe.Recipe.TrainKs.Count * recipe.InputDims);
        if (batchValues > most)
            throw new RecipeException(ProblemTypes.InvalidRecipe, $"batchRows {recipe.Recipe.BatchRows} makes batches of {batchValues} values; at most {most} fit. Lower batchRows.");
    }

    private static void RefuseMixedDims(IReadOnlyList<BlockRecord> blocks, DatasetListing listing)
    {
        BlockRecord? other = blocks.FirstOrDefault(b => b.Dims != blocks[0].Dims);
        if (other is not null)
            throw new DatasetException(ProblemTypes.WrongDimensions,
                $"{listing.Files[blocks[0].File].Name} has {blocks[0].Dims} dimensions, {listing.Files[other.File].Name} has {other.Dims}. A dataset holds embeddings of one model: move one of the files to a dataset of its own.");
    }

    /// <summary>Embeddings of two models lie in two spaces: their distances mean nothing. What training.json says counts for files that say nothing.</summary>
    private static void RefuseMixedModels(IReadOnlyList<BlockRecord> blocks, DatasetListing listing, TrainingRequest request)
    {
        BlockRecord[] named = [.. blocks.Where(b => b.ParentModel is not null)];
        if (named.FirstOrDefault(b => b.ParentModel != (request.ParentModel ?? named[0].ParentModel)) is not { } other)
            return;
        string first = request.ParentModel is { } asked ? $"training.json names the model {asked}" : $"{listing.Files[named[0].File].Name} was made by {named[0].ParentModel}";
        throw new DatasetException(ProblemTypes.UntrainableData,
            $"{first}, {listing.Files[other.File].Name} was made by {other.ParentModel}. A dataset holds embeddings of one model: move one of the files to a dataset of its own.");
    }

    private void RefuseUntrainable(IReadOnlyList<BlockRecord> blocks, RunningMoments moments, string dataset)
    {
        long rows = blocks.Sum(b => (long)b.Rows);
        if (rows < options.MinRows)
            throw new DatasetException(ProblemTypes.UntrainableData, $"Dataset \"{dataset}\" has {rows} rows; at least {options.MinRows} are needed. Upload more, or lower minRows.");
        if (moments.Count == 0 || ConstantDims(moments) == moments.Dims)
            throw new DatasetException(ProblemTypes.UntrainableData,
                $"All {rows} rows of dataset \"{dataset}\" are equal (every one of {moments.Dims} dimensions is constant), so there is nothing to learn. Check what made the embeddings.");
    }

    private static int ConstantDims(RunningMoments moments)
    {
        // A float32 value is known to 6e-8 of itself: a spread below that is rounding of the normalization, not data.
        const double rounding = 1e-7;
        int constant = 0;
        for (int d = 0; d < moments.Dims; d++)
        {
            if (StandardScaler.IsConstant(moments, d) || Math.Sqrt(moments.Variance(d)) <= Math.Abs(moments.Mean[d]) * rounding)
                constant++;
        }
        return constant;
    }

    private static RunningMoments MergedMoments(IReadOnlyList<BlockRecord> blocks)
    {
        // In the order of the listing, so that the same files always give the same bits.
        var moments = new RunningMoments(blocks[0].Dims);
        foreach (BlockRecord block in blocks)
            moments.Merge(new RunningMoments(block.FitRows, block.Mean, block.M2));
        return moments;
    }

    private static RowCounts CountRows(IReadOnlyList<BlockRecord> blocks, Recipe recipe)
    {
        long[] byUse = [blocks.Sum(b => b.RowsByUse[0]), blocks.Sum(b => b.RowsByUse[1]), blocks.Sum(b => b.RowsByUse[2])];
        long rejected = blocks.Sum(b => b.Rejected);
        if (!recipe.SplitsByPosition)
            return new RowCounts(byUse[0], byUse[1], byUse[2], rejected);
        // Keras: split_at = int(rows · (1 − validation_split)), the rows from there on validate.
        long train = (long)(byUse.Sum() * (1 - recipe.ValidationFraction));
        return new RowCounts(train, byUse.Sum() - train, 0, rejected);
    }

    private static string ContentHash(IReadOnlyList<BlockRecord> blocks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (BlockRecord block in blocks.Where(b => b.Rows > 0))
            hash.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{block.Dims} {block.Rows} {block.Sha256}\n")));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string VersionOf(string contentHash, ResolvedRecipe recipe, long seed)
    {
        string text = FormattableString.Invariant($"{contentHash}\n{JsonSerializer.Serialize(recipe, Json.Compact)}\n{seed}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }
}

using System.Diagnostics.CodeAnalysis;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Serving.Coding;
using HierEmbed.Serving.Encoders;
using HierEmbed.Storage;

namespace HierEmbed.Pipeline.Rows;

/// <summary>What a version's folder holds of the rows of a dataset: codes, vectors, labels. All of it is named by content, so equal blocks are stored once.</summary>
/// <param name="results">The results container.</param>
/// <param name="options">How rows are coded, and whether they are kept.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose.")]
public sealed class StoredCodes(IArtifactStore results, HierEmbedOptions options)
{
    /// <summary>Rows that levels are fitted to where the version was published without packing formats.</summary>
    private const int FitRows = 512;

    private readonly SemaphoreSlim loading = new(1, 1);
    private readonly WeakReference<LinearDecoder?> lastDictionary = new(null);

    /// <summary>Names of what is stored of a block.</summary>
    /// <param name="file">The upload's name.</param>
    /// <param name="block">The block.</param>
    public CodesIndexEntry NamesOf(string file, PackedBlock block)
    {
        // Ids lie in the codes' file: rows with other ids have another.
        string? labels = block.LabelsSha256?[..16];
        string length = options.CodesK is { } k ? FormattableString.Invariant($"k{k}") : FormattableString.Invariant($"{options.BytesPerVector}");
        return new CodesIndexEntry(file, block.Block, block.Rows, $"{block.Sha256[..16]}{(labels is null ? "" : $"-{labels}")}-{length}.codes",
            options.StoreVectors ? $"{block.Sha256[..16]}.npy" : null, labels is null ? null : $"{labels}.labels", block.FirstRowInFile);
    }

    /// <summary>Stores what is not there yet of a block.</summary>
    /// <param name="blocks">Blocks of the run.</param>
    /// <param name="plan">The run's plan.</param>
    /// <param name="block">The block.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="version">The version to code with.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="HierEmbedException">The block, its labels or the version are damaged, or the version takes other embeddings.</exception>
    public async Task StoreAsync(BlockStore blocks, RunPlan plan, PackedBlock block, string dataset, string version, CancellationToken cancellationToken)
    {
        CodesIndexEntry names = NamesOf(string.Empty, block);
        string folder = Layout.Version(dataset, version);
        if (await results.FindAsync(folder + Layout.CodesFolder + names.Codes, cancellationToken) is null)
            await CodeAsync(blocks, plan, block, dataset, version, folder + Layout.CodesFolder + names.Codes, cancellationToken);
        if (names.Vectors is not null && await results.FindAsync(folder + Layout.VectorsFolder + names.Vectors, cancellationToken) is null)
            await blocks.CopyAsync(block, plan.Recipe.InputDims, folder + Layout.VectorsFolder + names.Vectors, cancellationToken);
        if (names.Labels is not null && await results.FindAsync(folder + Layout.LabelsFolder + names.Labels, cancellationToken) is null)
            await blocks.CopyLabelsAsync(block, folder + Layout.LabelsFolder + names.Labels, cancellationToken);
    }

    private async Task CodeAsync(BlockStore blocks, RunPlan plan, PackedBlock block, string dataset, string version, string name, CancellationToken cancellationToken)
    {
        ModelManifest manifest = (await results.FindJsonAsync<ModelManifest>(Layout.Manifest(dataset, version), cancellationToken)).Value
            ?? throw new ModelException(ProblemTypes.ModelNotFound, $"Version \"{version}\" of model \"{dataset}\" was deleted while rows were coded with it. Start the run again.");
        int dims = plan.Recipe.InputDims;
        if (manifest.Recipe.InputDims != dims)
            throw new DatasetException(ProblemTypes.WrongDimensions,
                $"Dataset \"{dataset}\" has {dims} dimensions, model version {version} has {manifest.Recipe.InputDims}. Set retrain to always, or upload embeddings of the model that it was trained on.");
        bool pursues = DictionaryLoader.HasPursuit(manifest.Recipe);
        using EncoderModel? encoder = pursues ? null : await EncoderModelLoader.LoadAsync(results, dataset, version, options.Threads, cancellationToken);
        IRowCoding coding = encoder is null ? new PursuitCoding(await DictionaryAsync(manifest, cancellationToken), options.Threads) : new EncoderCoding(encoder, null);
        PackingTable? packing = pursues ? await PackingLoader.FindAsync(results, manifest, cancellationToken) : null;
        PackedCodeFormat? format = options.CodesK is { } k ? packing?.FindK(Math.Min(k, coding.LatentDims)) : packing?.Find(options.BytesPerVector);
        using var ids = new LabelSpool(options.ScratchPath);
        if (block.LabelsSha256 is not null)
            await blocks.ReadLabelsAsync(block, (_, said) => ids.Add(new RowLabels(said.Id)), cancellationToken);
        await results.WriteAsync(name, async (stream, ct) =>
        {
            CodeFileWriter? writer = null;
            try
            {
                int row = 0;
                await blocks.ReadAsync(block, dims, batch =>
                {
                    format ??= Fit(coding, batch);
                    writer ??= new CodeFileWriter(stream, manifest.ModelId, coding.Kind, format);
                    foreach (SparseCode code in coding.Encode(batch.Values, batch.Count, format))
                    {
                        writer.Add(code, row < ids.Rows ? ids.Read(row).Id : null);
                        row++;
                    }
                }, ct);
                writer!.Complete();
            }
            finally
            {
                writer?.Dispose();
            }
        }, WriteCondition.IfAbsent, cancellationToken);
    }

    /// <summary>A format whose levels are fitted to the block's first rows.</summary>
    private PackedCodeFormat Fit(IRowCoding coding, EmbeddingBatch batch)
    {
        int rows = Math.Min(batch.Count, FitRows);
        SparseCode[] CodesAt(int k) => coding.Encode(batch.Values[..(rows * batch.Dims)], rows, k);
        return options.CodesK is { } components
            ? PackedCodeFormat.FitForK(coding.LatentDims, Math.Min(components, coding.LatentDims), CodesAt)
            : PackedCodeFormat.FitForBytes(coding.LatentDims, options.BytesPerVector, CodesAt);
    }

    /// <summary>The version's dictionary; that of the block before where it is still in memory, with its Gram matrix.</summary>
    private async Task<LinearDecoder> DictionaryAsync(ModelManifest manifest, CancellationToken cancellationToken)
    {
        await loading.WaitAsync(cancellationToken);
        try
        {
            if (lastDictionary.TryGetTarget(out LinearDecoder? last) && last.ModelId == manifest.ModelId)
                return last;
            LinearDecoder loaded = await DictionaryLoader.LoadAsync(results, manifest, cancellationToken);
            lastDictionary.SetTarget(loaded);
            return loaded;
        }
        finally
        {
            loading.Release();
        }
    }
}

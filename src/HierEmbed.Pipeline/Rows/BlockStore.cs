using System.Buffers.Binary;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Readers;
using HierEmbed.Storage;

namespace HierEmbed.Pipeline.Rows;

/// <summary>The packed row blocks of one run.</summary>
/// <param name="results">The results container.</param>
/// <param name="runId">The run.</param>
public sealed class BlockStore(IArtifactStore results, string runId)
{
    /// <summary>The run.</summary>
    public string RunId => runId;

    /// <summary>The results container.</summary>
    public IArtifactStore Results => results;

    /// <summary>Records of all packed blocks of a file, or of the run, in order.</summary>
    public async Task<IReadOnlyList<BlockRecord>> ListAsync(int? file, CancellationToken cancellationToken)
    {
        string prefix = Layout.Blocks(runId) + (file is { } index ? index.ToString("D6", CultureInfo.InvariantCulture) + "-" : string.Empty);
        var records = new List<BlockRecord>();
        await foreach (ArtifactInfo info in results.ListAsync(prefix, cancellationToken))
        {
            if (info.Name.EndsWith(".json", StringComparison.Ordinal)
                && (await results.FindJsonAsync<BlockRecord>(info.Name, cancellationToken)).Value is { } record)
                records.Add(record);
        }
        return records;
    }

    /// <summary>Counts rows of blocks that repeat an earlier one bit for bit.</summary>
    public async Task<DuplicateCounter> CountDuplicatesAsync(IEnumerable<BlockRecord> blocks, CancellationToken cancellationToken)
    {
        var counter = new DuplicateCounter();
        foreach (BlockRecord block in blocks.Where(b => b.Rows > 0))
        {
            byte[] hashes = await results.ReadBytesAsync(Layout.BlockHashes(runId, block.File, block.Block), cancellationToken);
            for (int at = 0; at < hashes.Length; at += sizeof(ulong))
                counter.Add(BinaryPrimitives.ReadUInt64LittleEndian(hashes.AsSpan(at)));
        }
        return counter;
    }

    /// <summary>Leaves a whole file out: what is packed of it counts no more.</summary>
    /// <param name="file">Index of the file in the run's listing.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Cancels between writes.</param>
    public async Task SkipFileAsync(int file, Problem reason, CancellationToken cancellationToken)
    {
        // From the last: killed on the way, the file has a gap at its end only, and is packed and found bad again.
        foreach (BlockRecord packed in (await ListAsync(file, cancellationToken)).Reverse())
            await results.DeleteAsync(Layout.BlockRecord(runId, file, packed.Block), null, cancellationToken);
        var skipped = new BlockRecord
        {
            File = file,
            Block = 0,
            Dims = 0,
            Rows = 0,
            NextRow = 0,
            Last = true,
            Rejected = 0,
            RejectedRows = [],
            RowsByUse = [0, 0, 0],
            Sha256 = string.Empty,
            FitRows = 0,
            Mean = [],
            M2 = [],
            Skipped = reason,
        };
        await results.WriteJsonAsync(Layout.BlockRecord(runId, file, 0), skipped, WriteCondition.Always, cancellationToken);
    }

    /// <summary>Reads the rows of a block, a batch at a time, and compares their hash with that of the rows that were packed.</summary>
    /// <param name="block">The block.</param>
    /// <param name="dims">Length of a row.</param>
    /// <param name="visit">Is given each batch; it is reused afterwards. Nothing made of them counts before the whole block was read.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="ModelException">The block does not hold the rows that it was packed with.</exception>
    public Task ReadAsync(PackedBlock block, int dims, Action<EmbeddingBatch> visit, CancellationToken cancellationToken) =>
        ReadStoredAsync(block, dims, (batch, _, _) => visit(batch), cancellationToken);

    /// <summary>Copies a block, unless something is there; its hash is compared, and nothing appears where it is another.</summary>
    /// <param name="block">The block.</param>
    /// <param name="dims">Length of a row.</param>
    /// <param name="name">Name of the copy.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="ModelException">The block does not hold the rows that it was packed with.</exception>
    public Task CopyAsync(PackedBlock block, int dims, string name, CancellationToken cancellationToken) => results.WriteAsync(name, async (stream, ct) =>
    {
        bool begun = false;
        await ReadStoredAsync(block, dims, (_, stored, half) =>
        {
            if (!begun && half)
                NpyWriter.WriteHeader<Half>(stream, block.Rows, dims);
            else if (!begun)
                NpyWriter.WriteHeader<float>(stream, block.Rows, dims);
            begun = true;
            stream.Write(stored);
        }, ct);
    }, WriteCondition.IfAbsent, cancellationToken);

    /// <summary>Copies what is said of a block's rows likewise.</summary>
    /// <param name="block">A block with labels.</param>
    /// <param name="name">Name of the copy.</param>
    /// <param name="cancellationToken">Cancels the copying.</param>
    /// <exception cref="ModelException">It is not what was packed.</exception>
    public Task CopyLabelsAsync(PackedBlock block, string name, CancellationToken cancellationToken) => results.WriteAsync(name, async (stream, ct) =>
    {
        string source = LabelsOf(block);
        await using Stream content = await results.OpenReadAsync(source, null, ct);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[64 * 1024];
        while (await content.ReadAsync(piece, ct) is > 0 and int count)
        {
            hash.AppendData(piece, 0, count);
            await stream.WriteAsync(piece.AsMemory(0, count), ct);
        }
        RequireSame(source, Convert.ToHexStringLower(hash.GetHashAndReset()), block.LabelsSha256!);
    }, WriteCondition.IfAbsent, cancellationToken);

    private delegate void StoredVisitor(EmbeddingBatch batch, ReadOnlySpan<byte> stored, bool half);

    private async Task ReadStoredAsync(PackedBlock block, int dims, StoredVisitor visit, CancellationToken cancellationToken)
    {
        if (block.Rows == 0)
            return;
        string name = Layout.Block(runId, block.File, block.Block);
        await using Stream stream = await results.OpenReadAsync(name, null, cancellationToken);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            using IEmbeddingReader reader = EmbeddingReaders.Open(name, stream, ReaderOptions.Default, cancellationToken);
            if ((reader.Info.Dims, reader.Info.DeclaredRows) != (dims, block.Rows))
                throw Damaged(name, $"it has {reader.Info.DeclaredRows} rows of {reader.Info.Dims} dimensions, {block.Rows} of {dims} were packed");
            var batch = new EmbeddingBatch(Math.Min(block.Rows, 4096), dims);
            Half[] halves = reader.Info.ElementType == "<f2" ? new Half[batch.Capacity * dims] : [];
            while (reader.Read(batch, cancellationToken))
            {
                ReadOnlySpan<byte> stored = StoredBytes(batch, halves);
                hash.AppendData(stored);
                visit(batch, stored, halves.Length > 0);
            }
        }
        catch (EmbeddingFileException e)
        {
            throw Damaged(name, "it cannot be read any more", e);
        }
        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found != block.Sha256)
            throw Damaged(name, $"its rows have the SHA-256 {found[..16]}…, those that were packed {block.Sha256[..16]}…");
    }

    /// <summary>Reads what is said of the rows of a block, in their order, and compares its hash with that of what was packed.</summary>
    /// <param name="block">The block.</param>
    /// <param name="visit">Is given each row's place in the block and what is said of it. Nothing made of that counts before all was read.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="ModelException">What was packed is damaged.</exception>
    public Task ReadLabelsAsync(PackedBlock block, Action<int, RowLabels> visit, CancellationToken cancellationToken) =>
        ReadLabelsAsync(block, null, (row, _, said) => visit(row, said), cancellationToken);

    /// <summary>Adds to what is said of a block's rows, once for all steps that follow.</summary>
    /// <param name="block">The block as it was packed.</param>
    /// <param name="labels">The labels file beside the data.</param>
    /// <param name="scratchFolder">Folder of temporary files; null: the system's.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>The block with what is said now; the same where nothing is added.</returns>
    /// <exception cref="ModelException">What was packed is damaged.</exception>
    public async Task<PackedBlock> MergeLabelsAsync(PackedBlock block, DatasetLabels labels, string? scratchFolder, CancellationToken cancellationToken)
    {
        using var merged = new LabelSpool(scratchFolder);
        var sourceRows = new long[block.Rows];
        await ReadLabelsAsync(block, labels, (row, sourceRow, said) =>
        {
            sourceRows[row] = sourceRow;
            merged.Add(said);
        }, cancellationToken);
        if (block.LabelsSha256 is null && merged.IsEmpty)
            return block;
        string sha256 = await merged.WriteAsync(Stream.Null, sourceRows, cancellationToken);
        if (sha256 == block.LabelsSha256)
            return block;
        await results.WriteAsync(Layout.MergedLabels(runId, block.File, block.Block, sha256), (stream, ct) => merged.WriteAsync(stream, sourceRows, ct), WriteCondition.Always, cancellationToken);
        return block with { LabelsSha256 = sha256, LabelsMerged = true };
    }

    /// <summary>Whether what a labels file added to blocks is stored still.</summary>
    public async Task<bool> HasMergedLabelsAsync(IEnumerable<PackedBlock> blocks, CancellationToken cancellationToken)
    {
        var there = new HashSet<string>();
        await foreach (ArtifactInfo info in results.ListAsync(Layout.Blocks(runId), cancellationToken))
            there.Add(info.Name);
        return blocks.All(block => !block.LabelsMerged || there.Contains(LabelsOf(block)));
    }

    private string LabelsOf(PackedBlock block) =>
        block.LabelsMerged ? Layout.MergedLabels(runId, block.File, block.Block, block.LabelsSha256!) : Layout.BlockLabels(runId, block.File, block.Block);

    /// <summary>Shows each row's place in the block and its number in its file, counted from the block's first row where nothing is stored.</summary>
    private async Task ReadLabelsAsync(PackedBlock block, DatasetLabels? labels, Action<int, long, RowLabels> visit, CancellationToken cancellationToken)
    {
        if (block.LabelsSha256 is null)
        {
            for (int row = 0; row < block.Rows; row++)
                visit(row, row, labels?.Merge(block.FirstRow + row, default) ?? default);
            return;
        }
        string name = LabelsOf(block);
        await using Stream stream = await results.OpenReadAsync(name, null, cancellationToken);
        LabelFile file = await LabelFile.OpenAsync(name, stream, cancellationToken);
        if (file.Rows != block.Rows)
            throw LabelFile.Damaged(name, $"it has {file.Rows} rows, its block {block.Rows}");
        long first = file.SourceRow(0);
        string sha256 = await file.ReadAllAsync((row, sourceRow, said) => visit(row, sourceRow, labels?.Merge(block.FirstRow + (sourceRow - first), said) ?? said), cancellationToken);
        RequireSame(name, sha256, block.LabelsSha256);
    }

    private static void RequireSame(string name, string found, string packed)
    {
        if (found != packed)
            throw LabelFile.Damaged(name, $"it has the SHA-256 {found[..16]}…, what was packed {packed[..16]}…");
    }

    /// <summary>The bytes of a batch as the block holds them.</summary>
    private static ReadOnlySpan<byte> StoredBytes(EmbeddingBatch batch, Half[] halves)
    {
        if (halves.Length == 0)
            return MemoryMarshal.AsBytes(batch.Values);
        // Exact: they were float16 before.
        TensorPrimitives.ConvertToHalf(batch.Values, halves);
        return MemoryMarshal.AsBytes(halves.AsSpan(0, batch.Values.Length));
    }

    private static ModelException Damaged(string name, string found, Exception? inner = null) =>
        new(ProblemTypes.CorruptArtifact, $"{name} is damaged: {found}. Start the run again: its rows are packed anew.", inner);
}

using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Storage;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Writes row blocks of one file, each followed by its sidecar, with the moments that the scaler is fitted from.</summary>
/// <param name="blocks">Where to.</param>
/// <param name="file">Index of the file in the run's listing.</param>
/// <param name="request">Says how rows are split and normalized.</param>
/// <param name="half">Packs float16 in place of float32.</param>
public sealed class BlockWriter(BlockStore blocks, int file, TrainingRequest request, bool half)
{
    private const int PieceBytes = 1 << 20;
    private readonly RowSplit split = new(request.Seed, request.Recipe.ValidationFraction, request.Recipe.TestFraction);

    /// <summary>Writes one block.</summary>
    /// <param name="block">Index of the block in its file.</param>
    /// <param name="batch">Its rows; none where only rejected rows were left.</param>
    /// <param name="labels">What is said of them.</param>
    /// <param name="reader">Says where the file goes on.</param>
    /// <param name="last">Whether the file ends here.</param>
    /// <param name="rejected">Rows left out since the block before, by reason.</param>
    /// <param name="listed">Those of them that are listed.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>The sidecar.</returns>
    public async Task<BlockRecord> WriteAsync(int block, EmbeddingBatch batch, LabelSpool labels, IEmbeddingReader reader, bool last, IReadOnlyDictionary<string, long> rejected, IReadOnlyList<RejectedRow> listed, CancellationToken cancellationToken)
    {
        Half[] halves = half ? ToHalf(batch, reader.Info.Name) : [];
        long[] rowsByUse = new long[3];
        RunningMoments moments = Measure(batch, halves, rowsByUse);
        if (batch.Count > 0)
        {
            await blocks.Results.WriteAsync(Layout.Block(blocks.RunId, file, block), async (stream, ct) =>
            {
                if (half)
                    NpyWriter.WriteHeader<Half>(stream, batch.Count, batch.Dims);
                else
                    NpyWriter.WriteHeader<float>(stream, batch.Count, batch.Dims);
                // Piece by piece: a block is as large as all other memory that a packing step needs.
                var piece = new byte[PieceBytes];
                int bytes = Packed(batch, halves).Length;
                for (int at = 0; at < bytes; at += piece.Length)
                {
                    int count = Math.Min(bytes - at, piece.Length);
                    Packed(batch, halves).Slice(at, count).CopyTo(piece);
                    await stream.WriteAsync(piece.AsMemory(0, count), ct);
                }
            }, WriteCondition.Always, cancellationToken);
        }
        await WriteHashesAsync(block, batch, cancellationToken);
        string? labelsSha256 = await WriteLabelsAsync(block, batch, labels, cancellationToken);
        var record = new BlockRecord
        {
            File = file,
            Block = block,
            Dims = batch.Dims,
            Rows = batch.Count,
            FirstRow = batch.Count > 0 ? batch.SourceRows[0] : null,
            NextRow = reader.NextRow,
            Last = last,
            Rejected = rejected.Values.Sum(),
            RejectedByReason = rejected,
            Statistics = RowStatistics.Of(batch),
            Format = reader.Info.Format,
            Compression = reader.Info.Compression,
            ElementType = reader.Info.ElementType,
            RejectedRows = listed,
            RowsByUse = rowsByUse,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(Packed(batch, halves))),
            LabelsSha256 = labelsSha256,
            Half = half,
            FitRows = moments.Count,
            Mean = moments.Mean.ToArray(),
            M2 = moments.M2.ToArray(),
            ParentModel = reader.Info.ParentModel,
            InputType = reader.Info.InputType,
        };
        await blocks.Results.WriteJsonAsync(Layout.BlockRecord(blocks.RunId, file, block), record, WriteCondition.Always, cancellationToken);
        return record;
    }

    /// <summary>What is said of the rows, or only which rows of the file they are where some were left out between them.</summary>
    /// <returns>SHA-256 of what was written; null where there is neither.</returns>
    private async Task<string?> WriteLabelsAsync(int block, EmbeddingBatch batch, LabelSpool labels, CancellationToken cancellationToken)
    {
        if (batch.Count == 0 || (labels.IsEmpty && batch.SourceRows[^1] - batch.SourceRows[0] == batch.Count - 1))
            return null;
        long[] sourceRows = batch.SourceRows.ToArray();
        string? sha256 = null;
        await blocks.Results.WriteAsync(Layout.BlockLabels(blocks.RunId, file, block),
            async (stream, ct) => sha256 = await labels.WriteAsync(stream, sourceRows, ct), WriteCondition.Always, cancellationToken);
        return sha256;
    }

    /// <summary>What duplicates are counted by, once all blocks are there.</summary>
    private Task WriteHashesAsync(int block, EmbeddingBatch batch, CancellationToken cancellationToken)
    {
        var hashes = new byte[batch.Count * sizeof(ulong)];
        for (int row = 0; row < batch.Count; row++)
            BinaryPrimitives.WriteUInt64LittleEndian(hashes.AsSpan(row * sizeof(ulong)), DuplicateCounter.HashOf(batch.Row(row)));
        return hashes.Length == 0
            ? Task.CompletedTask
            : blocks.Results.WriteBytesAsync(Layout.BlockHashes(blocks.RunId, file, block), hashes, WriteCondition.Always, cancellationToken);
    }

    /// <summary>The bytes that are stored.</summary>
    private ReadOnlySpan<byte> Packed(EmbeddingBatch batch, Half[] halves) => half ? MemoryMarshal.AsBytes<Half>(halves) : MemoryMarshal.AsBytes(batch.Values);

    private Half[] ToHalf(EmbeddingBatch batch, string name)
    {
        var halves = new Half[batch.Values.Length];
        var normalized = new float[batch.Dims];
        for (int row = 0; row < batch.Count; row++)
        {
            ReadOnlySpan<float> values = batch.Row(row);
            // Rows of unit length fit float16 whatever they were before; others must fit as they are.
            if (request.Recipe.L2Normalize)
            {
                RowNormalization.L2Normalize(values, normalized);
                values = normalized;
            }
            else if (TensorPrimitives.MaxMagnitude(values) is var largest && MathF.Abs(largest) > (float)Half.MaxValue)
            {
                throw new EmbeddingFileException(ProblemTypes.NotFinite, name,
                    FormattableString.Invariant($"a value is {largest:G6}; float16 ends at {(float)Half.MaxValue}. Set packHalf to false, or scale the embeddings down."), batch.SourceRows[row]);
            }
            TensorPrimitives.ConvertToHalf(values, halves.AsSpan(row * batch.Dims));
        }
        return halves;
    }

    /// <summary>Moments of the rows that the scaler is fitted on: training rows, or all rows where the split is by position.</summary>
    /// <remarks>Rows count as a reader of the stored bytes will see them.</remarks>
    private RunningMoments Measure(EmbeddingBatch batch, Half[] halves, long[] rowsByUse)
    {
        Recipe recipe = request.Recipe;
        var moments = new RunningMoments(batch.Dims);
        float[] stored = new float[batch.Dims], normalized = new float[batch.Dims];
        for (int i = 0; i < batch.Count; i++)
        {
            ReadOnlySpan<float> row = batch.Row(i);
            if (half)
            {
                TensorPrimitives.ConvertToSingle(halves.AsSpan(i * batch.Dims, batch.Dims), stored);
                row = stored;
            }
            RowUse use = recipe.SplitsByPosition ? RowUse.Train : split.Of(row);
            rowsByUse[(int)use]++;
            if (use != RowUse.Train)
                continue;
            if (recipe.L2Normalize)
            {
                RowNormalization.L2Normalize(row, normalized);
                row = normalized;
            }
            moments.Add(row);
        }
        return moments;
    }
}

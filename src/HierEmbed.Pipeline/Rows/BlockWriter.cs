using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HierEmbed.Core.Errors;
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
    private readonly RowSplit split = new(request.Seed, request.Recipe.ValidationFraction, request.Recipe.TestFraction);

    /// <summary>Writes one block.</summary>
    /// <param name="block">Index of the block in its file.</param>
    /// <param name="batch">Its rows; none where only rejected rows were left.</param>
    /// <param name="reader">Says where the file goes on.</param>
    /// <param name="last">Whether the file ends here.</param>
    /// <param name="rejected">Rows left out since the block before.</param>
    /// <param name="listedBefore">Rejections listed before this block.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    public async Task WriteAsync(int block, EmbeddingBatch batch, IEmbeddingReader reader, bool last, long rejected, int listedBefore, CancellationToken cancellationToken)
    {
        float[] values = batch.Values.ToArray();
        byte[] packed = Pack(values, batch, reader.Info.Name);
        long[] rowsByUse = new long[3];
        RunningMoments moments = Measure(values, batch.Dims, rowsByUse);
        if (batch.Count > 0)
        {
            await blocks.Results.WriteAsync(Layout.Block(blocks.RunId, file, block), async (stream, ct) =>
            {
                if (half)
                    NpyWriter.WriteHeader<Half>(stream, batch.Count, batch.Dims);
                else
                    NpyWriter.WriteHeader<float>(stream, batch.Count, batch.Dims);
                await stream.WriteAsync(packed, ct);
            }, WriteCondition.Always, cancellationToken);
        }
        var record = new BlockRecord
        {
            File = file,
            Block = block,
            Dims = batch.Dims,
            Rows = batch.Count,
            NextRow = reader.NextRow,
            Last = last,
            Rejected = rejected,
            RejectedRows = [.. reader.Rejections.Listed.Skip(listedBefore)],
            RowsByUse = rowsByUse,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(packed)),
            Half = half,
            FitRows = moments.Count,
            Mean = moments.Mean.ToArray(),
            M2 = moments.M2.ToArray(),
            ParentModel = reader.Info.ParentModel,
            InputType = reader.Info.InputType,
        };
        await blocks.Results.WriteJsonAsync(Layout.BlockRecord(blocks.RunId, file, block), record, WriteCondition.Always, cancellationToken);
    }

    /// <summary>The bytes that are stored; values become what a reader of those bytes will see.</summary>
    private byte[] Pack(float[] values, EmbeddingBatch batch, string name)
    {
        if (!half)
            return MemoryMarshal.AsBytes<float>(values).ToArray();
        // Rows of unit length fit float16 whatever they were before; others must fit as they are.
        for (int row = 0; row < batch.Count; row++)
        {
            Span<float> packed = values.AsSpan(row * batch.Dims, batch.Dims);
            if (request.Recipe.L2Normalize)
                RowNormalization.L2Normalize(packed, packed);
            else if (TensorPrimitives.MaxMagnitude<float>(packed) is var largest && MathF.Abs(largest) > (float)Half.MaxValue)
                throw new EmbeddingFileException(ProblemTypes.NotFinite, name,
                    FormattableString.Invariant($"a value is {largest:G6}; float16 ends at {(float)Half.MaxValue}. Set packHalf to false, or scale the embeddings down."), batch.SourceRows[row]);
        }
        var halves = new Half[values.Length];
        TensorPrimitives.ConvertToHalf(values, halves);
        TensorPrimitives.ConvertToSingle(halves, values);
        return MemoryMarshal.AsBytes<Half>(halves).ToArray();
    }

    /// <summary>Moments of the rows that the scaler is fitted on: training rows, or all rows where the split is by position.</summary>
    private RunningMoments Measure(float[] values, int dims, long[] rowsByUse)
    {
        Recipe recipe = request.Recipe;
        var moments = new RunningMoments(dims);
        var normalized = new float[dims];
        for (int at = 0; at < values.Length; at += dims)
        {
            ReadOnlySpan<float> row = values.AsSpan(at, dims);
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

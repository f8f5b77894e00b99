using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Search;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Search;

/// <summary>The full vectors of a dataset's rows in the results container, read by row. Thread-safe.</summary>
/// <param name="reads">Reads parts of the container.</param>
/// <param name="folder">The version's folder.</param>
/// <param name="blocks">The blocks, each with vectors: <c>.npy</c> of float32 or float16.</param>
/// <param name="dims">Length of a row.</param>
internal sealed class StoredVectors(RangedReads reads, string folder, BlockMap blocks, int dims) : IVectorRows
{
    private readonly Layout?[] layouts = new Layout?[blocks.Entries.Count];

    private sealed record Layout(int HeaderBytes, bool Half)
    {
        public int ValueBytes => Half ? 2 : sizeof(float);
    }

    /// <inheritdoc/>
    public int Rows => blocks.Rows;

    /// <inheritdoc/>
    public int Dims => dims;

    /// <inheritdoc/>
    /// <exception cref="ModelException">A file is damaged.</exception>
    /// <exception cref="ArtifactNotFoundException">A file is gone.</exception>
    public async ValueTask ReadAsync(ReadOnlyMemory<int> rows, Memory<float> values, CancellationToken cancellationToken)
    {
        (int Block, int Row)[] places = Array.ConvertAll(rows.ToArray(), blocks.Find);
        await ReadHeadersAsync([.. places.Select(place => place.Block).Distinct().Where(block => layouts[block] is null)], cancellationToken);
        RangedPart[] parts = Array.ConvertAll(places, place =>
        {
            Layout layout = layouts[place.Block]!;
            int rowBytes = dims * layout.ValueBytes;
            return new RangedPart(NameOf(place.Block), layout.HeaderBytes + ((long)place.Row * rowBytes), rowBytes);
        });
        await reads.ReadAsync(parts, (part, bytes) => Take(places[part].Block, bytes, values.Span.Slice(part * dims, dims)), cancellationToken);
    }

    private void Take(int block, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (layouts[block]!.Half)
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
        else
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
        if (!TensorPrimitives.IsFiniteAll<float>(values))
            throw RangedReads.Damaged(NameOf(block), "a row holds NaN or infinity");
    }

    /// <summary>They are as the pipeline writes them, or damaged: there is no other layout to allow for.</summary>
    private async Task ReadHeadersAsync(int[] missing, CancellationToken cancellationToken)
    {
        byte[][] single = Array.ConvertAll(missing, block => Header<float>(blocks.Entries[block].Rows)), half = Array.ConvertAll(missing, block => Header<Half>(blocks.Entries[block].Rows));
        RangedPart[] parts = [.. missing.Select((block, i) => new RangedPart(NameOf(block), 0, single[i].Length))];
        await reads.ReadAsync(parts, (part, bytes) =>
        {
            bool isHalf = bytes.SequenceEqual(half[part]);
            layouts[missing[part]] = isHalf || bytes.SequenceEqual(single[part])
                ? new Layout(bytes.Length, isHalf)
                : throw RangedReads.Damaged(NameOf(missing[part]), $"it does not begin as {blocks.Entries[missing[part]].Rows} rows of {dims} values do");
        }, cancellationToken);
    }

    private byte[] Header<T>(int rows) where T : unmanaged
    {
        using var header = new MemoryStream();
        NpyWriter.WriteHeader<T>(header, rows, dims);
        return header.ToArray();
    }

    private string NameOf(int block) => folder + Storage.Layout.VectorsFolder + blocks.Entries[block].Vectors;
}

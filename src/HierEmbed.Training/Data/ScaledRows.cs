using System.IO.Hashing;
using System.Runtime.InteropServices;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using static TorchSharp.torch;

namespace HierEmbed.Training.Data;

/// <summary>Rows x' as the network sees them: L2-normalized where the recipe says so, then scaled. Held in memory, or read and scaled when they are asked for.</summary>
public sealed class ScaledRows
{
    /// <summary>Rows that are read at once where all are looked at.</summary>
    private const int PieceRows = 1024;

    private readonly IRowSource source;
    private readonly StandardScaler scaler;
    private readonly bool l2Normalize;
    private readonly float[]? resident;

    private ScaledRows(IRowSource source, StandardScaler scaler, bool l2Normalize, bool inMemory, bool inPlace)
    {
        (this.source, this.scaler, this.l2Normalize, Rows, Dims) = (source, scaler, l2Normalize, source.Rows, source.Dims);
        if (!inMemory)
            return;
        float[] values = inPlace && source is RowMatrix matrix ? matrix.Values : new float[checked(Rows * Dims)];
        for (int first = 0; first < Rows; first += PieceRows)
            ReadFromSource(first, values.AsSpan(first * Dims, Math.Min(PieceRows, Rows - first) * Dims));
        (resident, this.source) = (values, new RowMatrix([], 0, Dims)); // What the source holds is not needed any more.
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Length of a row.</summary>
    public int Dims { get; }

    /// <summary>Whether all rows are held in memory.</summary>
    public bool IsResident => resident is not null;

    /// <summary>Prepares raw rows: x' = (x / ‖x‖ − μ) / s, the division by ‖x‖ by recipe.</summary>
    /// <param name="rows">Raw rows, <c>[rows, inputDims]</c>.</param>
    /// <param name="scaler">The scaler that was fitted on rows prepared the same way.</param>
    /// <param name="recipe">Says whether rows are L2-normalized.</param>
    /// <param name="inMemory">Holds all of them in memory; else the source is read whenever rows are asked for.</param>
    /// <param name="inPlace">Scales the array of a <see cref="RowMatrix"/> in place of a copy, where they are held in memory.</param>
    public static ScaledRows From(IRowSource rows, StandardScaler scaler, ResolvedRecipe recipe, bool inMemory = true, bool inPlace = false) =>
        new(rows, scaler, recipe.Recipe.L2Normalize, inMemory, inPlace);

    /// <summary>Bytes of rows in memory.</summary>
    internal static long BytesOf(IRowSource rows) => (long)rows.Rows * rows.Dims * sizeof(float);

    /// <summary>Whether one array can hold rows.</summary>
    internal static bool Fits(IRowSource rows) => (long)rows.Rows * rows.Dims <= Array.MaxLength;

    /// <summary>Copies consecutive rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="values">Filled with <c>values.Length / dims</c> rows, row-major.</param>
    public void Read(int first, Span<float> values)
    {
        if (resident is not null)
            resident.AsSpan(first * Dims, values.Length).CopyTo(values);
        else
            ReadFromSource(first, values);
    }

    /// <summary>One row, <c>[dims]</c>.</summary>
    public float[] Row(int row)
    {
        var values = new float[Dims];
        Read(row, values);
        return values;
    }

    /// <summary>Copies rows into a batch.</summary>
    /// <param name="indices">Which rows.</param>
    /// <param name="batch">float32, <c>[indices.Length, dims]</c>, contiguous.</param>
    internal void Gather(ReadOnlySpan<int> indices, Tensor batch)
    {
        Span<float> destination = MemoryMarshal.Cast<byte, float>(batch.bytes);
        for (int i = 0; i < indices.Length; i++)
            Read(indices[i], destination.Slice(i * Dims, Dims));
    }

    /// <summary>Copies consecutive rows into a new tensor, <c>[count, dims]</c>.</summary>
    /// <remarks>Into Torch's own memory, which is aligned: a product over memory aligned otherwise differs in its last bits, and a tensor made from an array looks into the array.</remarks>
    internal Tensor Slice(int first, int count)
    {
        Tensor slice = empty(count, Dims);
        Read(first, MemoryMarshal.Cast<byte, float>(slice.bytes));
        return slice;
    }

    /// <summary>Mean and total variance of the rows around it, in float64. Looks at all rows.</summary>
    /// <param name="hash">Is given every value too: rows on a disk are read for both at once.</param>
    internal RunningMoments Moments(XxHash128? hash = null)
    {
        var moments = new RunningMoments(Dims);
        VisitPieces(piece =>
        {
            for (int at = 0; at < piece.Length; at += Dims)
                moments.Add(piece.Slice(at, Dims));
            hash?.Append(MemoryMarshal.AsBytes(piece));
        });
        return moments;
    }

    /// <summary>Looks at whole rows, <c>[rows, dims]</c>.</summary>
    internal delegate void PieceVisitor(ReadOnlySpan<float> piece);

    /// <summary>Shows all rows in order, piece by piece.</summary>
    internal void VisitPieces(PieceVisitor visit)
    {
        float[] piece = resident is null ? new float[Math.Min(PieceRows, Rows) * Dims] : [];
        for (int first = 0; first < Rows; first += PieceRows)
        {
            int count = Math.Min(PieceRows, Rows - first) * Dims;
            // In pieces also where they are at hand: as bytes, all of them can be more than a span holds.
            Span<float> values = resident is null ? piece.AsSpan(0, count) : resident.AsSpan(first * Dims, count);
            if (resident is null)
                ReadFromSource(first, values);
            visit(values);
        }
    }

    private void ReadFromSource(int first, Span<float> values)
    {
        source.Read(first, values);
        for (int at = 0; at < values.Length; at += Dims)
        {
            Span<float> row = values.Slice(at, Dims);
            if (l2Normalize)
                RowNormalization.L2Normalize(row, row);
            scaler.Transform(row, row);
        }
    }
}

using System.IO.Hashing;
using System.Runtime.InteropServices;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using static TorchSharp.torch;

namespace HierEmbed.Training.Data;

/// <summary>Rows x' as the network sees them: L2-normalized where the recipe says so, then scaled.</summary>
public sealed class ScaledRows
{
    private readonly float[] values;

    private ScaledRows(float[] values, int rows, int dims) => (this.values, Rows, Dims) = (values, rows, dims);

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Length of a row.</summary>
    public int Dims { get; }

    /// <summary>One row, <c>[dims]</c>.</summary>
    public ReadOnlySpan<float> Row(int row) => values.AsSpan(checked(row * Dims), Dims);

    /// <summary>Prepares raw rows: x' = (x / ‖x‖ − μ) / s, the division by ‖x‖ by recipe.</summary>
    /// <param name="rows">Raw rows, <c>[rows, inputDims]</c>.</param>
    /// <param name="scaler">The scaler that was fitted on rows prepared the same way.</param>
    /// <param name="recipe">Says whether rows are L2-normalized.</param>
    public static ScaledRows From(RowMatrix rows, StandardScaler scaler, ResolvedRecipe recipe)
    {
        var values = new float[checked(rows.Rows * rows.Dims)];
        for (int row = 0; row < rows.Rows; row++)
        {
            Span<float> scaled = values.AsSpan(row * rows.Dims, rows.Dims);
            if (recipe.Recipe.L2Normalize)
                RowNormalization.L2Normalize(rows.Row(row), scaled);
            else
                rows.Row(row).CopyTo(scaled);
            scaler.Transform(scaled, scaled);
        }
        return new ScaledRows(values, rows.Rows, rows.Dims);
    }

    /// <summary>Copies rows into a batch.</summary>
    /// <param name="indices">Which rows.</param>
    /// <param name="batch">float32, <c>[indices.Length, dims]</c>, contiguous.</param>
    internal void Gather(ReadOnlySpan<int> indices, Tensor batch)
    {
        Span<float> destination = MemoryMarshal.Cast<byte, float>(batch.bytes);
        for (int i = 0; i < indices.Length; i++)
            Row(indices[i]).CopyTo(destination.Slice(i * Dims, Dims));
    }

    /// <summary>Copies consecutive rows into a new tensor, <c>[count, dims]</c>.</summary>
    /// <remarks>Into Torch's own memory, which is aligned: a product over memory aligned otherwise differs in its last bits, and a tensor made from an array looks into the array.</remarks>
    internal Tensor Slice(int first, int count)
    {
        Tensor slice = empty(count, Dims);
        values.AsSpan(first * Dims, count * Dims).CopyTo(MemoryMarshal.Cast<byte, float>(slice.bytes));
        return slice;
    }

    /// <summary>Mean and total variance of the rows around it, in float64.</summary>
    internal RunningMoments Moments()
    {
        var moments = new RunningMoments(Dims);
        for (int row = 0; row < Rows; row++)
            moments.Add(Row(row));
        return moments;
    }

    /// <summary>A hash of every value: a checkpoint belongs to the rows that it was made from.</summary>
    internal void AppendTo(XxHash128 hash) => hash.Append(MemoryMarshal.AsBytes(values.AsSpan()));
}

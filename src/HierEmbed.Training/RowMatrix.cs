namespace HierEmbed.Training;

/// <summary>Rows in memory.</summary>
public sealed class RowMatrix : IRowSource
{
    /// <summary>Takes rows; the array is not copied, and not written to but by <see cref="TrainingRows.Prepare"/> where that is asked for.</summary>
    /// <param name="values">Row-major, at least rows × dims values.</param>
    /// <param name="rows">Number of rows, from 0.</param>
    /// <param name="dims">Length of a row, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sizes do not fit the array.</exception>
    public RowMatrix(float[] values, int rows, int dims)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(dims, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)rows * dims, values.LongLength, nameof(rows));
        Values = values;
        Rows = rows;
        Dims = dims;
    }

    /// <summary>The values, row-major <c>[rows, dims]</c>.</summary>
    public float[] Values { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Length of a row.</summary>
    public int Dims { get; }

    /// <inheritdoc />
    public void Read(int first, Span<float> values) => Values.AsSpan(checked(first * Dims), values.Length).CopyTo(values);

    /// <summary>One row, <c>[dims]</c>.</summary>
    public ReadOnlySpan<float> Row(int row) => Values.AsSpan(checked(row * Dims), Dims);
}

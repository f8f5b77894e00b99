namespace HierEmbed.Core.Codes;

/// <summary>The codes of many rows, compressed by rows (CSR): row i's components are at <c>RowStarts[i] .. RowStarts[i + 1]</c>.</summary>
/// <param name="Dims">latentDims.</param>
/// <param name="RowStarts">From 0, ascending, <c>[rows + 1]</c>.</param>
/// <param name="Indices">Latents, ascending within a row, <c>[components]</c>.</param>
/// <param name="Values">Their values, <c>[components]</c>.</param>
public sealed record SparseCodeMatrix(int Dims, long[] RowStarts, int[] Indices, float[] Values)
{
    /// <summary>Rows.</summary>
    public int Rows => RowStarts.Length - 1;

    /// <summary>One row as a code; its norm is that of the stored values.</summary>
    /// <param name="row">From 0.</param>
    public SparseCode Row(int row)
    {
        Range range = (int)RowStarts[row]..(int)RowStarts[row + 1];
        float[] values = Values[range];
        double squares = 0;
        foreach (float value in values)
            squares += (double)value * value;
        return new SparseCode(Dims, Indices[range], values, (float)Math.Sqrt(squares));
    }
}

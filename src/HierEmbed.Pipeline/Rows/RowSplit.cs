using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Divides rows between training, validation and test by a hash of seed and content.</summary>
/// <remarks>By content, not by position: a row keeps its use when files are added, renamed or split, and equal rows never stand on both sides of a split.</remarks>
/// <param name="seed">The run's seed.</param>
/// <param name="validationFraction">Share of rows for validation.</param>
/// <param name="testFraction">Share of rows for test.</param>
public sealed class RowSplit(long seed, double validationFraction, double testFraction)
{
    /// <summary>The use of one row, <c>[dims]</c>, as it is packed.</summary>
    public RowUse Of(ReadOnlySpan<float> row)
    {
        ulong hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(row), seed);
        double uniform = (hash >> 11) * (1.0 / (1UL << 53));
        return uniform < testFraction ? RowUse.Test
            : uniform < testFraction + validationFraction ? RowUse.Validation
            : RowUse.Train;
    }
}

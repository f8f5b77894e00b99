using System.Numerics.Tensors;

namespace HierEmbed.Core.Scaling;

/// <summary>Division of a row by its length.</summary>
public static class RowNormalization
{
    /// <summary>Shorter rows are all zeros or so close to it that float32 holds no direction: squares below 1e-36 lose their digits.</summary>
    public const float MinNorm = 1e-18f;

    /// <summary>Longer rows leave the range of float32 when their length is squared.</summary>
    public const float MaxNorm = 1e18f;

    /// <summary>Writes x / ‖x‖, <c>[dims]</c>; the destination may be the row itself.</summary>
    /// <returns>‖x‖. Where it is 0 the row is copied as it is.</returns>
    public static float L2Normalize(ReadOnlySpan<float> row, Span<float> destination)
    {
        float norm = TensorPrimitives.Norm(row);
        if (norm > 0)
            TensorPrimitives.Divide(row, norm, destination);
        else
            row.CopyTo(destination);
        return norm;
    }
}

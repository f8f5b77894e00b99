using System.Numerics.Tensors;

namespace HierEmbed.Core.Scaling;

/// <summary>Division of a row by its length.</summary>
public static class RowNormalization
{
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

using System.Buffers;
using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.ClosedForm;

/// <summary>Matrix products that are the calling thread's work alone.</summary>
/// <remarks>
/// A step shares its rows out among its own threads, so Torch's products need none. Two pools would spin against each other:
/// on a busy two-core machine, 165 to 460 rows/s with Torch's own two threads and 1,800 to 2,700 without.
/// </remarks>
internal static class Products
{
    /// <summary>A B, <c>[m, n]</c>.</summary>
    /// <param name="a"><c>[m, k]</c>.</param>
    /// <param name="b"><c>[k, n]</c>.</param>
    public static Tensor Multiply(Tensor a, Tensor b) =>
        PackedMatrix.IsFaster && StridedMatrix.IsOne(a) && StridedMatrix.IsOne(b) ? MultiplyPacked(a, b) : MultiplyByTorch(a, b);

    /// <summary>A B by Torch: for few rows of A, for which laying out B would take as long as the product.</summary>
    public static Tensor MultiplyByTorch(Tensor a, Tensor b)
    {
        OnThisThreadAlone();
        return a.mm(b);
    }

    /// <summary>A B by <see cref="PackedMatrix"/>.</summary>
    internal static Tensor MultiplyPacked(Tensor a, Tensor b)
    {
        using var right = new PackedMatrix((int)b.shape[0], (int)b.shape[1]);
        var columns = new StridedMatrix(b);
        for (int panel = 0; panel < right.Panels; panel++)
            right.Pack(columns, panel);
        Tensor product = empty(a.shape[0], b.shape[1]);
        var rows = new StridedMatrix(a);
        float[] scratch = ArrayPool<float>.Shared.Rent(PackedMatrix.WholeTiles(rows.Rows) * rows.Columns);
        right.Multiply(rows, [], scratch, NetworkParameters.Values(product));
        ArrayPool<float>.Shared.Return(scratch);
        return product;
    }

    /// <summary>c ← A B, into memory that is there already.</summary>
    /// <param name="a"><c>[m, k]</c>.</param>
    /// <param name="b"><c>[k, n]</c>.</param>
    /// <param name="c"><c>[m, n]</c>.</param>
    public static void MultiplyInto(Tensor a, Tensor b, Tensor c)
    {
        OnThisThreadAlone();
        c.addmm_(a, b, beta: 0, alpha: 1);
    }

    private static void OnThisThreadAlone()
    {
        // Torch keeps this number for each calling thread: one that has not said so takes every core, and splits a product so that its last bits change.
        set_num_threads(1);
    }
}

using System.Numerics.Tensors;

namespace HierEmbed.Core.Numerics;

/// <summary>The directions in which rows reach farthest from the origin, without Torch: enough of them for a sketch of each row.</summary>
internal static class PrincipalAxes
{
    private const int PowerIterations = 3, MaxSweeps = 30;
    private const double Converged = 1e-9;

    /// <summary>Finds axes.</summary>
    /// <param name="rows"><c>[rows, dims]</c>, finite, from one row.</param>
    /// <param name="dims">Length of a row.</param>
    /// <param name="count">How many, from 1 to dims.</param>
    /// <returns>Orthonormal axes, <c>[count, dims]</c>, strongest first, and the sum of squares of the rows along each.</returns>
    /// <remarks>Subspace iteration from a random start, then the axes within the subspace (Halko, Martinsson and Tropp 2011). Rows of fewer dimensions than axes give axes along which they are 0.</remarks>
    public static (float[] Axes, float[] Energies) Fit(ReadOnlySpan<float> rows, int dims, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, dims);
        int n = rows.Length / dims;
        var random = new Random(0);
        float[] axes = new float[count * dims], coordinates = new float[n * count];
        for (int i = 0; i < axes.Length; i++)
            axes[i] = random.NextSingle() - 0.5f;
        Orthonormalize(axes, dims, count, random);
        float[] byDimension = Transpose(rows, n, dims);
        for (int iteration = 0; iteration < PowerIterations; iteration++)
        {
            RowProducts.Multiply(rows, axes, dims, coordinates);
            RowProducts.Multiply(Transpose(coordinates, n, count), byDimension, n, axes);
            Orthonormalize(axes, dims, count, random);
        }
        RowProducts.Multiply(rows, axes, dims, coordinates);
        float[] byAxis = Transpose(coordinates, n, count), products = new float[count * count];
        RowProducts.Multiply(byAxis, byAxis, n, products);
        (double[] energies, double[] directions) = Eigen(Array.ConvertAll(products, value => (double)value), count);
        int[] order = [.. Enumerable.Range(0, count).OrderByDescending(i => energies[i])];
        var turned = new float[count * dims];
        for (int axis = 0; axis < count; axis++)
        {
            for (int from = 0; from < count; from++)
                TensorPrimitives.MultiplyAdd(axes.AsSpan(from * dims, dims), (float)directions[(from * count) + order[axis]], turned.AsSpan(axis * dims, dims), turned.AsSpan(axis * dims, dims));
        }
        return (turned, [.. order.Select(i => (float)Math.Max(0, energies[i]))]);
    }

    /// <summary>Gram and Schmidt's, twice over; an axis that nothing is left of becomes a random one.</summary>
    private static void Orthonormalize(float[] axes, int dims, int count, Random random)
    {
        for (int axis = 0; axis < count; axis++)
        {
            Span<float> own = axes.AsSpan(axis * dims, dims);
            float before = TensorPrimitives.Norm<float>(own);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int other = 0; other < axis; other++)
                {
                    ReadOnlySpan<float> fixedAxis = axes.AsSpan(other * dims, dims);
                    TensorPrimitives.MultiplyAdd(fixedAxis, -TensorPrimitives.Dot(own, fixedAxis), own, own);
                }
            }
            float norm = TensorPrimitives.Norm<float>(own);
            if (norm <= 1e-5f * before || norm == 0)
            {
                for (int d = 0; d < dims; d++)
                    own[d] = random.NextSingle() - 0.5f;
                axis--;
                continue;
            }
            TensorPrimitives.Divide(own, norm, own);
        }
    }

    /// <summary>Jacobi's method for a symmetric matrix: eigenvalues, and eigenvectors as columns.</summary>
    private static (double[] Values, double[] Vectors) Eigen(double[] a, int n)
    {
        var vectors = new double[n * n];
        double total = 0;
        for (int i = 0; i < n; i++)
        {
            vectors[(i * n) + i] = 1;
            total += Math.Abs(a[(i * n) + i]);
        }
        for (int sweep = 0; sweep < MaxSweeps; sweep++)
        {
            double off = 0;
            for (int p = 0; p < n; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    double apq = a[(p * n) + q];
                    off = Math.Max(off, Math.Abs(apq));
                    if (Math.Abs(apq) <= Converged * total)
                        continue;
                    double theta = (a[(q * n) + q] - a[(p * n) + p]) / (2 * apq);
                    double t = (theta < 0 ? -1 : 1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
                    double c = 1 / Math.Sqrt((t * t) + 1), s = t * c;
                    for (int i = 0; i < n; i++)
                        Rotate(ref a[(i * n) + p], ref a[(i * n) + q], c, s);
                    for (int i = 0; i < n; i++)
                        Rotate(ref a[(p * n) + i], ref a[(q * n) + i], c, s);
                    for (int i = 0; i < n; i++)
                        Rotate(ref vectors[(i * n) + p], ref vectors[(i * n) + q], c, s);
                }
            }
            if (off <= Converged * total)
                break;
        }
        return ([.. Enumerable.Range(0, n).Select(i => a[(i * n) + i])], vectors);
    }

    private static void Rotate(ref double p, ref double q, double c, double s) => (p, q) = ((c * p) - (s * q), (s * p) + (c * q));

    private static float[] Transpose(ReadOnlySpan<float> values, int rows, int columns)
    {
        var turned = new float[values.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                turned[(column * rows) + row] = values[(row * columns) + column];
        }
        return turned;
    }
}

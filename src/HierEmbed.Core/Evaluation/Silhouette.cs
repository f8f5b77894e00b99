using System.Numerics.Tensors;

namespace HierEmbed.Core.Evaluation;

/// <summary>How much nearer rows lie to their own cluster than to the next (Rousseeuw 1987).</summary>
public static class Silhouette
{
    /// <summary>Mean over the rows of (b − a) / max(a, b): a the mean Euclidean distance to the rest of the row's cluster, b the least mean distance to another cluster; 0 for a row alone in its cluster.</summary>
    /// <param name="rows"><c>[rows, dims]</c>. The work grows with the square of their number.</param>
    /// <param name="dims">Length of a row.</param>
    /// <param name="clusters">A cluster for each row.</param>
    /// <returns>−1 to 1; null where there are not two clusters.</returns>
    /// <exception cref="ArgumentException">The lists do not fit.</exception>
    public static double? Mean(ReadOnlySpan<float> rows, int dims, ReadOnlySpan<int> clusters)
    {
        if (rows.Length != (long)clusters.Length * dims)
            throw new ArgumentException($"Found {clusters.Length} clusters and {rows.Length} values; expected {dims} values for each.", nameof(clusters));
        int[] names = [.. clusters.ToArray().Distinct().Order()];
        if (names.Length < 2)
            return null;
        int n = clusters.Length;
        int[] cluster = Array.ConvertAll(clusters.ToArray(), name => Array.BinarySearch(names, name));
        var sizes = new int[names.Length];
        var sums = new double[n, names.Length];
        for (int i = 0; i < n; i++)
        {
            sizes[cluster[i]]++;
            for (int j = 0; j < i; j++)
            {
                double distance = TensorPrimitives.Distance(rows.Slice(i * dims, dims), rows.Slice(j * dims, dims));
                sums[i, cluster[j]] += distance;
                sums[j, cluster[i]] += distance;
            }
        }
        double total = 0;
        for (int i = 0; i < n; i++)
        {
            int own = cluster[i];
            if (sizes[own] == 1)
                continue;
            double a = sums[i, own] / (sizes[own] - 1), b = double.PositiveInfinity;
            for (int other = 0; other < names.Length; other++)
                b = other == own ? b : Math.Min(b, sums[i, other] / sizes[other]);
            total += Math.Max(a, b) > 0 ? (b - a) / Math.Max(a, b) : 0;
        }
        return total / n;
    }
}

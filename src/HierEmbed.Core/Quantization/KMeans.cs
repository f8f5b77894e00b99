using System.Numerics.Tensors;

namespace HierEmbed.Core.Quantization;

/// <summary>Lloyd's k-means (1982) for many short vectors: the codebooks of a product quantizer.</summary>
public static class KMeans
{
    /// <summary>Finds centroids.</summary>
    /// <param name="points"><c>[points, dims]</c>, finite, from one point.</param>
    /// <param name="dims">Length of a point, from 1.</param>
    /// <param name="centroids">How many; with fewer points than that, points stand for centroids more than once.</param>
    /// <param name="iterations">Assignments and means.</param>
    /// <param name="seed">Draws the points that centroids start from.</param>
    /// <returns><c>[centroids, dims]</c>.</returns>
    /// <remarks>A centroid without points moves to the point that is farthest from its own (as in scikit-learn), unless none is away from it.</remarks>
    public static float[] Fit(ReadOnlySpan<float> points, int dims, int centroids, int iterations, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dims, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(centroids, 1);
        int count = points.Length / dims;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(points));
        float[] means = Start(points, dims, count, centroids, seed);
        var sums = new double[centroids * dims];
        var sizes = new int[centroids];
        var distances = new float[count];
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            Array.Clear(sums);
            Array.Clear(sizes);
            var nearest = new NearestCentroid(means, dims);
            for (int p = 0; p < count; p++)
            {
                ReadOnlySpan<float> point = points.Slice(p * dims, dims);
                int cluster = nearest.Find(point, out distances[p]);
                sizes[cluster]++;
                for (int d = 0; d < dims; d++)
                    sums[(cluster * dims) + d] += point[d];
            }
            for (int i = 0; i < sums.Length; i++)
            {
                if (sizes[i / dims] > 0)
                    means[i] = (float)(sums[i] / sizes[i / dims]);
            }
            FillEmpty(means, sizes, points, distances, dims);
        }
        return means;
    }

    private static float[] Start(ReadOnlySpan<float> points, int dims, int count, int centroids, int seed)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new Random(seed).Shuffle(order);
        var means = new float[centroids * dims];
        for (int c = 0; c < centroids; c++)
            points.Slice(order[c % count] * dims, dims).CopyTo(means.AsSpan(c * dims));
        return means;
    }

    private static void FillEmpty(float[] means, int[] sizes, ReadOnlySpan<float> points, float[] distances, int dims)
    {
        for (int empty = Array.IndexOf(sizes, 0); empty >= 0; empty = Array.IndexOf(sizes, 0, empty + 1))
        {
            int farthest = TensorPrimitives.IndexOfMax<float>(distances);
            if (distances[farthest] == 0)
                return;
            points.Slice(farthest * dims, dims).CopyTo(means.AsSpan(empty * dims));
            distances[farthest] = 0;
        }
    }
}

using HierEmbed.Core.Numpy;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>Small embedding files.</summary>
internal static class SmallRows
{
    public const int Dims = 16;

    /// <summary>A recipe that trains in a fraction of a second.</summary>
    public const string Recipe = """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":3,"batchRows":32}""";

    /// <summary>Values of <c>[rows, dims]</c>: few directions and noise, so that there is something to learn.</summary>
    public static float[] Values(int rows, int seed, int dims = Dims)
    {
        var random = new Random(seed);
        var values = new float[rows * dims];
        for (int row = 0; row < rows; row++)
        {
            for (int atom = 0; atom < 3; atom++)
                values[(row * dims) + random.Next(dims)] += 1 + random.NextSingle();
            for (int d = 0; d < dims; d++)
                values[(row * dims) + d] += (random.NextSingle() - 0.5f) * 0.1f;
        }
        return values;
    }

    public static byte[] Npy(int rows, int seed, int dims = Dims) => Npy(Values(rows, seed, dims), dims);

    public static byte[] Npy(float[] values, int dims = Dims)
    {
        using var stream = new MemoryStream();
        NpyWriter.Write<float>(stream, values, values.Length / dims, dims);
        return stream.ToArray();
    }
}

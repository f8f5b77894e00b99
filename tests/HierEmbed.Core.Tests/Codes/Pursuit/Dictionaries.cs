using HierEmbed.Core.Codes.Pursuit;

namespace HierEmbed.Core.Tests.Codes.Pursuit;

/// <summary>Small dictionaries and rows that are the same every time.</summary>
internal static class Dictionaries
{
    public static LinearDecoder Make(int latentDims, int dims, int seed)
    {
        var random = new Random(seed);
        float[] atoms = [.. Enumerable.Range(0, latentDims * dims).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 0.9))];
        float[] mean = [.. Enumerable.Range(0, dims).Select(_ => (float)((random.NextDouble() - 0.5) / dims))];
        return new LinearDecoder("test-model", atoms, mean);
    }

    public static float[] Rows(int count, int dims, int seed)
    {
        var random = new Random(seed);
        var rows = new float[count * dims];
        for (int row = 0; row < count; row++)
        {
            Span<float> values = rows.AsSpan(row * dims, dims);
            double squares = 0;
            foreach (ref float value in values)
            {
                value = (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
                squares += (double)value * value;
            }
            foreach (ref float value in values)
                value = (float)(value / Math.Sqrt(squares));
        }
        return rows;
    }

    /// <summary>|x − x̂|² in double.</summary>
    public static double Error(LinearDecoder dictionary, Core.Codes.SparseCode code, ReadOnlySpan<float> row)
    {
        double error = 0;
        for (int d = 0; d < row.Length; d++)
        {
            double left = (double)row[d] - dictionary.Mean[d];
            for (int i = 0; i < code.Indices.Length; i++)
                left -= (double)code.Values[i] * dictionary.Atoms[(code.Indices[i] * row.Length) + d];
            error += left * left;
        }
        return error;
    }
}

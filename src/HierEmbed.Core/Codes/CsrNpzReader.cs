using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;

namespace HierEmbed.Core.Codes;

/// <summary>Reads what <see cref="CsrNpzWriter"/> or <c>scipy.sparse.save_npz</c> wrote, whole.</summary>
public static class CsrNpzReader
{
    /// <summary>Reads a matrix of float32.</summary>
    /// <param name="name">The artifact's name, for messages.</param>
    /// <param name="stream">Its content, from a stream that can seek; closed here.</param>
    /// <exception cref="ModelException">It is no CSR matrix of float32 with sorted indices, or it is damaged.</exception>
    public static SparseCodeMatrix Read(string name, Stream stream)
    {
        using NpzReader npz = NpzReader.Open(name, stream);
        if (!npz.ReadBytes("format").AsSpan().TrimEnd((byte)0).SequenceEqual("csr"u8))
            throw npz.Corrupt("the sparse format is not csr");
        long[] shape = npz.ReadIntegers("shape").Values;
        long[] starts = npz.ReadIntegers("indptr").Values;
        long[] indices = npz.ReadIntegers("indices").Values;
        float[] values = npz.Read<float>("data").Values;
        if (shape.Length != 2 || shape[0] < 0 || shape[1] is < 1 or > int.MaxValue || starts.Length - 1 != shape[0])
            throw npz.Corrupt($"the shape ({string.Join(", ", shape.Take(4))}) does not fit {starts.Length} row starts");
        if (starts[0] != 0 || starts[^1] != indices.Length || indices.Length != values.Length)
            throw npz.Corrupt($"row starts end at {starts[^1]}, with {indices.Length} indices and {values.Length} values");
        for (int row = 0; row < shape[0]; row++)
            CheckRow(npz, row, starts, indices, shape[1]);
        return new SparseCodeMatrix((int)shape[1], starts, Array.ConvertAll(indices, index => (int)index), values);
    }

    private static void CheckRow(NpzReader npz, int row, long[] starts, long[] indices, long latentDims)
    {
        if (starts[row + 1] < starts[row] || starts[row + 1] > indices.Length)
            throw npz.Corrupt($"row {row} ends at component {starts[row + 1]}, before it begins or behind the last");
        long previous = -1;
        for (long i = starts[row]; i < starts[row + 1]; i++)
        {
            if (indices[i] <= previous || indices[i] >= latentDims)
                throw npz.Corrupt($"row {row} has the index {indices[i]} after {previous}; expected ascending indices below {latentDims}");
            previous = indices[i];
        }
    }
}

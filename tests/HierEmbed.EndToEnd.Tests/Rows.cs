using System.Runtime.InteropServices;
using System.Text;

namespace HierEmbed.EndToEnd.Tests;

/// <summary>Embeddings that train in a second: points around a few centres, as <c>.npy</c> bytes.</summary>
internal static class Rows
{
    public const int Dims = 16;

    public const string Recipe = """{"recipe": "matryoshka", "epochs": 2, "latentDims": 32, "trainKs": [4, 8], "prefixDivisors": [2]}""";

    public static byte[] Npy(int rows, int seed)
    {
        var (random, centres) = (new Random(seed), new Random(99));
        float[] centre = [.. Enumerable.Range(0, 8 * Dims).Select(_ => (float)((2 * centres.NextDouble()) - 1))];
        float[] values = [.. Enumerable.Range(0, rows * Dims).Select(i => centre[i % centre.Length] + (0.3f * (float)((2 * random.NextDouble()) - 1)))];
        // Format 1.0: magic, version, length of the header, the header padded to 64 bytes, the values.
        string header = FormattableString.Invariant($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {Dims}), }}").PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. MemoryMarshal.AsBytes<float>(values)];
    }
}

using System.Collections;
using HierEmbed.Core.Codes;

namespace HierEmbed.Benchmarks;

/// <summary>Codes that are made when they are read, the same for the same row: what an index is built of is not timed by its memory.</summary>
/// <param name="count">How many.</param>
/// <param name="latentDims">Latents.</param>
/// <param name="k">Active components of each.</param>
internal sealed class RandomCodes(int count, int latentDims, int k) : IReadOnlyList<SparseCode>
{
    public int Count => count;

    public SparseCode this[int row]
    {
        get
        {
            // Weyl's sequence, hashed: one latent from each of k equal parts, so that they ascend.
            ulong state = (ulong)row * 0x9E3779B97F4A7C15;
            int[] latents = new int[k];
            float[] values = new float[k];
            for (int i = 0; i < k; i++)
            {
                state += 0x9E3779B97F4A7C15;
                ulong hash = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
                hash ^= hash >> 27;
                latents[i] = (i * (latentDims / k)) + (int)(hash % (ulong)(latentDims / k));
                values[i] = ((int)(hash >> 40 & 0xFFFF) - 0x8000) / 65536f;
            }
            return new SparseCode(latentDims, latents, values, 1);
        }
    }

    public IEnumerator<SparseCode> GetEnumerator() => Enumerable.Range(0, count).Select(row => this[row]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

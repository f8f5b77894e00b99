using HierEmbed.Core.Codes;
using HierEmbed.Core.Evaluation;

namespace HierEmbed.Training.Evaluation;

/// <summary>What an encoder's codes of test rows look like.</summary>
internal static class EncoderCodes
{
    private const int SliceRows = 1024, SpectrumPoints = 256, MaxPairs = 1000, NotebookK = 64;

    /// <summary>How often latents are active.</summary>
    public static LatentUse Use(RowEncoder encoder, NormalizedRows rows, int latentDims, int k)
    {
        var uses = new int[latentDims];
        for (int first = 0; first < rows.Rows; first += SliceRows)
        {
            int count = Math.Min(SliceRows, rows.Rows - first);
            var slice = new float[count * rows.Dims];
            rows.ReadRaw(first, slice);
            foreach (SparseCode code in encoder(slice, count, k))
            {
                foreach (int latent in code.Indices)
                    uses[latent]++;
            }
        }
        double dead = uses.Count(n => n == 0) / (double)latentDims;
        Array.Sort(uses, (a, b) => b.CompareTo(a));
        int points = Math.Min(SpectrumPoints, latentDims);
        return new LatentUse(k, dead, [.. Enumerable.Range(0, points).Select(i => (float)uses[(int)((long)i * latentDims / points)] / rows.Rows)]);
    }

    /// <summary>The notebook's checks, over pairs of test rows drawn by seed, no row in two.</summary>
    public static NotebookChecks Check(RowEncoder encoder, NormalizedRows rows, int latentDims, int seed)
    {
        int[] drawn = EvenDraw.Of(rows.Rows, 2 * MaxPairs, seed);
        SparseCode[] At(int k)
        {
            var raw = new float[rows.Dims];
            return [.. drawn.Select(row =>
            {
                rows.ReadRaw(row, raw);
                return encoder(raw, 1, Math.Min(k, latentDims))[0];
            })];
        }
        SparseCode[] at64 = At(NotebookK), at128 = At(2 * NotebookK), all = At(latentDims);
        int pairs = drawn.Length / 2, equal = 0, atMost64 = 0;
        double sum64 = 0, sum128 = 0;
        for (int i = 0; i < pairs; i++)
        {
            // A row of the first half with one of the second: neighbours in a file are often alike.
            float cosine64 = CodeSimilarity.Cosine(at64[i], at64[pairs + i]), cosine128 = CodeSimilarity.Cosine(at128[i], at128[pairs + i]);
            sum64 += cosine64;
            sum128 += cosine128;
            equal += cosine64 == cosine128 ? 1 : 0;
            atMost64 += Math.Max(all[i].Indices.Length, all[pairs + i].Indices.Length) <= NotebookK ? 1 : 0;
        }
        return new NotebookChecks(pairs, sum64 / pairs, sum128 / pairs, equal, atMost64, all.Max(code => code.Indices.Length));
    }
}

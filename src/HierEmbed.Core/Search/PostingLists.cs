using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HierEmbed.Core.Quantization;

namespace HierEmbed.Core.Search;

/// <summary>For each latent the rows of a block that use it, by how much it adds to their score: a list for each of a few impacts.</summary>
/// <remarks>
/// A component's impact is its value over the length of its row's x̂, rounded to a few magnitudes and a sign. The rows of one list all get the same
/// number added, so a posting is two bytes and no more. What is rounded here is scored exactly before it is returned.
/// </remarks>
internal sealed class PostingLists
{
    /// <summary>Magnitudes of impacts: 8 in place of 4 gain less than .001 recall@10 where 2000 candidates are scored whole.</summary>
    public const int Magnitudes = 4;

    /// <summary>Lists of a latent.</summary>
    public const int ListsPerLatent = 2 * Magnitudes;

    private const int SampleRows = 2048;

    private readonly int[] starts;
    private readonly ushort[] rows;
    private readonly float[] impacts;

    private PostingLists(int[] starts, ushort[] rows, float[] impacts) => (this.starts, this.rows, this.impacts) = (starts, rows, impacts);

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => ((long)starts.Length * sizeof(int)) + ((long)rows.Length * sizeof(ushort));

    /// <summary>Makes the lists of a block.</summary>
    public static PostingLists Of(IndexBlock block, int latentDims)
    {
        ScalarQuantizer magnitudes = FitMagnitudes(block);
        var ends = new int[(latentDims * ListsPerLatent) + 1];
        for (int row = 0; row < block.Rows; row++)
        {
            for (int at = block.Start(row); at < block.Start(row + 1); at++)
                ends[ListOf(block, row, at, magnitudes) + 1]++;
        }
        for (int list = 1; list < ends.Length; list++)
            ends[list] += ends[list - 1];
        int[] starts = [.. ends];
        var rows = new ushort[ends[^1]];
        for (int row = 0; row < block.Rows; row++)
        {
            for (int at = block.Start(row); at < block.Start(row + 1); at++)
                rows[ends[ListOf(block, row, at, magnitudes)]++] = (ushort)row;
        }
        return new PostingLists(starts, rows, [.. magnitudes.Levels]);
    }

    /// <summary>Adds what a latent gives to the scores of the rows that use it.</summary>
    /// <param name="latent">The latent.</param>
    /// <param name="product">Its product with the query.</param>
    /// <param name="scores">Scores of the block's rows.</param>
    public void Add(int latent, float product, Span<float> scores)
    {
        ReadOnlySpan<int> bounds = starts.AsSpan(latent * ListsPerLatent, ListsPerLatent + 1);
        ref float score = ref MemoryMarshal.GetReference(scores);
        for (int list = 0; list < ListsPerLatent; list++)
        {
            float impact = list < Magnitudes ? impacts[list] : -impacts[list - Magnitudes];
            float gain = product * impact;
            // Rows of a block are below scores.Length by construction; the check would be a third of the time.
            foreach (ushort row in rows.AsSpan(bounds[list], bounds[list + 1] - bounds[list]))
                Unsafe.Add(ref score, (nint)row) += gain;
        }
    }

    private static ScalarQuantizer FitMagnitudes(IndexBlock block)
    {
        var sample = new List<float>();
        for (int row = 0; row < block.Rows; row += 1 + (block.Rows / SampleRows))
        {
            for (int at = block.Start(row); at < block.Start(row + 1); at++)
                sample.Add(MathF.Abs(block.Impact(row, at)));
        }
        if (sample.Count == 0)
            sample.Add(0);
        sample.Sort();
        return LloydMax.Fit(CollectionsMarshal.AsSpan(sample), Magnitudes);
    }

    private static int ListOf(IndexBlock block, int row, int at, ScalarQuantizer magnitudes)
    {
        float impact = block.Impact(row, at);
        return (block.Latent(at) * ListsPerLatent) + magnitudes.Index(MathF.Abs(impact)) + (impact < 0 ? Magnitudes : 0);
    }
}

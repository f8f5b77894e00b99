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

    private readonly ReadOnlyMemory<byte> starts;
    private readonly ReadOnlyMemory<byte> rows;
    private readonly float[] impacts;

    /// <param name="starts">Where each list begins among the rows and where the last one ends, <c>[latentDims × ListsPerLatent + 1]</c> int32.</param>
    /// <param name="rows">The rows of all lists, uint16 each.</param>
    /// <param name="impacts">The magnitudes.</param>
    public PostingLists(ReadOnlyMemory<byte> starts, ReadOnlyMemory<byte> rows, float[] impacts) => (this.starts, this.rows, this.impacts) = (starts, rows, impacts);

    /// <summary>Where lists begin.</summary>
    public ReadOnlyMemory<byte> Starts => starts;

    /// <summary>The lists' rows.</summary>
    public ReadOnlyMemory<byte> Rows => rows;

    /// <summary>The magnitudes.</summary>
    public ReadOnlySpan<float> Impacts => impacts;

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => (long)starts.Length + rows.Length;

    /// <summary>Makes the lists of a block.</summary>
    public static PostingLists Of(CodeRecords codes, int latentDims)
    {
        ScalarQuantizer magnitudes = FitMagnitudes(codes);
        var ends = new int[(latentDims * ListsPerLatent) + 1];
        for (int row = 0; row < codes.Rows; row++)
        {
            ReadOnlySpan<ushort> latents = codes.Latents(row);
            for (int i = 0; i < latents.Length; i++)
                ends[ListOf(latents[i], codes.Impact(row, i), magnitudes) + 1]++;
        }
        for (int list = 1; list < ends.Length; list++)
            ends[list] += ends[list - 1];
        byte[] starts = MemoryMarshal.AsBytes(ends.AsSpan()).ToArray(), rows = new byte[ends[^1] * sizeof(ushort)];
        Span<ushort> places = MemoryMarshal.Cast<byte, ushort>(rows.AsSpan());
        for (int row = 0; row < codes.Rows; row++)
        {
            ReadOnlySpan<ushort> latents = codes.Latents(row);
            for (int i = 0; i < latents.Length; i++)
                places[ends[ListOf(latents[i], codes.Impact(row, i), magnitudes)]++] = (ushort)row;
        }
        return new PostingLists(starts, rows, [.. magnitudes.Levels]);
    }

    /// <summary>Adds what a latent gives to the scores of the rows that use it.</summary>
    /// <param name="latent">The latent.</param>
    /// <param name="product">Its product with the query.</param>
    /// <param name="scores"><c>[IndexBlock.MaxRows]</c>.</param>
    public void Add(int latent, float product, Span<float> scores)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scores.Length, IndexBlock.MaxRows, nameof(scores));
        ReadOnlySpan<int> bounds = MemoryMarshal.Cast<byte, int>(starts.Span).Slice(latent * ListsPerLatent, ListsPerLatent + 1);
        ReadOnlySpan<ushort> all = MemoryMarshal.Cast<byte, ushort>(rows.Span);
        ref float score = ref MemoryMarshal.GetReference(scores);
        for (int list = 0; list < ListsPerLatent; list++)
        {
            float impact = list < Magnitudes ? impacts[list] : -impacts[list - Magnitudes];
            float gain = product * impact;
            // Two bytes name no place beyond the scores, whatever they hold; the check would be a third of the time.
            foreach (ushort row in all[bounds[list]..bounds[list + 1]])
                Unsafe.Add(ref score, (nint)row) += gain;
        }
    }

    /// <summary>Whether lists that were read from a file follow one another and name rows of their block.</summary>
    /// <param name="blockRows">Rows of the block.</param>
    public bool IsValid(int blockRows)
    {
        int before = 0;
        foreach (int start in MemoryMarshal.Cast<byte, int>(starts.Span))
        {
            if (start < before)
                return false;
            before = start;
        }
        ReadOnlySpan<ushort> all = MemoryMarshal.Cast<byte, ushort>(rows.Span);
        return before == all.Length && all.IndexOfAnyExceptInRange((ushort)0, (ushort)(blockRows - 1)) < 0;
    }

    private static ScalarQuantizer FitMagnitudes(CodeRecords codes)
    {
        var sample = new List<float>();
        for (int row = 0; row < codes.Rows; row += 1 + (codes.Rows / SampleRows))
        {
            for (int i = 0; i < codes.Latents(row).Length; i++)
                sample.Add(MathF.Abs(codes.Impact(row, i)));
        }
        if (sample.Count == 0)
            sample.Add(0);
        sample.Sort();
        return LloydMax.Fit(CollectionsMarshal.AsSpan(sample), Magnitudes);
    }

    private static int ListOf(int latent, float impact, ScalarQuantizer magnitudes) =>
        (latent * ListsPerLatent) + magnitudes.Index(MathF.Abs(impact)) + (impact < 0 ? Magnitudes : 0);
}

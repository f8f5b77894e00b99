namespace HierEmbed.Core.Codes.Packed;

/// <summary>How codes are packed into rows of one length: at most k active components out of latentDims, their values on a grid.</summary>
/// <remarks>
/// A row holds, in one arithmetic code: the scale's step (<see cref="CodeScale"/>), how many components fewer than k there are, which latents are
/// active (<see cref="SubsetCoding"/>), and for each of them, in ascending order, a level and its sign, all equally frequent.
/// </remarks>
public sealed class PackedCodeFormat
{
    /// <summary>A component fewer than k has the probability 1 in so many, so a full code pays 0.05 bits for that there may be fewer.</summary>
    internal const int FewerOdds = 32;

    /// <summary>What frequencies in whole numbers can cost a row in all.</summary>
    private const double Rounding = 0.05;

    /// <summary>Takes the parts of a format, as a file stores them.</summary>
    /// <param name="latentDims">Latents, from 1 to <see cref="MaxLatentDims"/>.</param>
    /// <param name="k">Most active components, 1 to latentDims.</param>
    /// <param name="grid">Where values may stand.</param>
    /// <param name="bytesPerVector">Length of a row.</param>
    /// <exception cref="ArgumentException">A code of k components may not fit into a row.</exception>
    public PackedCodeFormat(int latentDims, int k, ValueGrid grid, int bytesPerVector)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(latentDims, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(latentDims, MaxLatentDims);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, latentDims);
        int needed = BytesFor(latentDims, k, grid.Levels.Length);
        if (bytesPerVector < needed)
            throw new ArgumentException($"{bytesPerVector} bytes for {k} of {latentDims} latents at {grid.Levels.Length} levels; expected {needed} or more.", nameof(bytesPerVector));
        LatentDims = latentDims;
        K = k;
        Grid = grid;
        BytesPerVector = bytesPerVector;
        Subsets = new SubsetCoding(latentDims);
    }

    /// <summary>Most latents that are packed.</summary>
    public const int MaxLatentDims = 1 << 16;

    /// <summary>Latents.</summary>
    public int LatentDims { get; }

    /// <summary>Most active components.</summary>
    public int K { get; }

    /// <summary>Where values may stand.</summary>
    public ValueGrid Grid { get; }

    /// <summary>Length of a row: everything that is stored for a vector.</summary>
    public int BytesPerVector { get; }

    /// <summary>The code of which latents are active.</summary>
    internal SubsetCoding Subsets { get; }

    /// <summary>The format with as many components as a row has room for.</summary>
    /// <param name="latentDims">Latents.</param>
    /// <param name="bytesPerVector">Length of a row.</param>
    /// <param name="grid">Where values may stand.</param>
    /// <exception cref="ArgumentException">There is no room for one component.</exception>
    public static PackedCodeFormat ForBytes(int latentDims, int bytesPerVector, ValueGrid grid) =>
        new(latentDims, Math.Max(1, MaxK(latentDims, bytesPerVector, grid.Levels.Length)), grid, bytesPerVector);

    /// <summary>The format with the shortest rows that hold k components.</summary>
    /// <param name="latentDims">Latents.</param>
    /// <param name="k">Most active components.</param>
    /// <param name="grid">Where values may stand.</param>
    public static PackedCodeFormat ForK(int latentDims, int k, ValueGrid grid) =>
        new(latentDims, k, grid, BytesFor(latentDims, k, grid.Levels.Length));

    /// <summary>Whether rows of a length have room for one component.</summary>
    public static bool HasRoom(int latentDims, int bytesPerVector) => MaxK(latentDims, bytesPerVector, LevelsFor(bytesPerVector)) > 0;

    /// <summary>The format for rows of a length, levels fitted.</summary>
    /// <param name="latentDims">Latents.</param>
    /// <param name="bytesPerVector">Length of a row.</param>
    /// <param name="codesAt">Codes of a few hundred rows like those that will be packed, for the k that it is given.</param>
    /// <exception cref="ArgumentException">There is no room for one component.</exception>
    public static PackedCodeFormat FitForBytes(int latentDims, int bytesPerVector, Func<int, IEnumerable<SparseCode>> codesAt)
    {
        int levels = LevelsFor(bytesPerVector);
        int k = MaxK(latentDims, bytesPerVector, levels);
        return ForBytes(latentDims, bytesPerVector, ValueGrid.Fit(levels, k == 0 ? [] : codesAt(k)));
    }

    /// <summary>The format for codes of k components, levels fitted.</summary>
    /// <param name="latentDims">Latents.</param>
    /// <param name="k">Most active components.</param>
    /// <param name="codesAt">Codes of a few hundred rows like those that will be packed, for the k that it is given.</param>
    public static PackedCodeFormat FitForK(int latentDims, int k, Func<int, IEnumerable<SparseCode>> codesAt) =>
        ForK(latentDims, k, ValueGrid.Fit(LevelsFor(BytesFor(latentDims, k, 8)), codesAt(k)));

    // Levels against components, measured: √bytes was within .005 recall@10 of the best number at 16 to 256 bytes, on 384 and 512 dimensions.
    private static int LevelsFor(int bytesPerVector) => (int)Math.Clamp(Math.Round(Math.Sqrt(bytesPerVector)), 3, 32);

    /// <summary>Components that a row has room for; 0 where there is none for one.</summary>
    public static int MaxK(int latentDims, int bytesPerVector, int levels)
    {
        // A value alone takes a bit or more.
        int most = (int)Math.Min(latentDims, bytesPerVector * 8L);
        double bits = 0;
        int k = 0;
        while (k < most)
        {
            double next = bits + Math.Log2((double)(latentDims - k) / (k + 1)) + Math.Log2(2 * levels);
            if (BytesOf(Math.Max(next, WorstOfFewer(next, latentDims, k + 1, levels))) > bytesPerVector)
                break;
            bits = next;
            k++;
        }
        return k;
    }

    /// <summary>Bytes of the shortest row that holds every code of at most k components.</summary>
    public static int BytesFor(int latentDims, int k, int levels)
    {
        double bits = SubsetCoding.Bits(latentDims, k) + (k * Math.Log2(2 * levels));
        return BytesOf(Math.Max(bits, WorstOfFewer(bits, latentDims, k, levels)));
    }

    // Where nearly all latents are active, codes of fewer components have more choices and may take more bits.
    private static double WorstOfFewer(double bits, int latentDims, int k, int levels)
    {
        double worst = bits;
        for (int active = k; active > 0; active--)
        {
            double change = Math.Log2(FewerOdds) - Math.Log2((double)(latentDims - active + 1) / active) - Math.Log2(2 * levels);
            if (change <= 0)
                break;
            bits += change;
            worst = Math.Max(worst, bits);
        }
        return worst;
    }

    private static int BytesOf(double bits) =>
        (int)Math.Ceiling((Math.Log2(CodeScale.Steps) + Math.Log2(FewerOdds / (FewerOdds - 1.0)) + bits + Rounding) / 8);
}

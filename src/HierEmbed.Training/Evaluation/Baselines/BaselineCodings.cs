using System.Collections.Concurrent;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Quantization;
using HierEmbed.Training.Decomposition;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>What a trained model has to beat at the same bytes, fitted on training rows alone. Several budgets may be fitted at once.</summary>
public sealed class BaselineCodings
{
    /// <summary>Most training rows that are fitted on.</summary>
    public const int MaxRows = 30_000;

    // 78 values for each of 256 levels; 20 rows a dim of 512 for a rotation; ten thousand magnitudes and more for 128 levels.
    private const int LevelRows = 20_000;
    private const int RotationRows = 10_000;
    private const int MagnitudeRows = 300;
    private const int RotationIterations = 10;
    private const int ClusterIterations = 12;

    private static readonly int[] ValueBits = [2, 3, 4, 5, 6, 7, 8];

    private readonly FittedRows rows;
    private readonly int seed;
    private readonly int threads;
    private readonly PrincipalComponents components;
    private readonly SortedColumns own;
    private readonly SortedColumns rotated;
    private readonly ConcurrentDictionary<int, Lazy<float[]>> rotations = [];

    private BaselineCodings(FittedRows rows, int seed, int threads)
    {
        this.rows = rows;
        this.seed = seed;
        this.threads = threads;
        components = PrincipalComponents.Fit(rows.Values, rows.Dims);
        float[] sample = rows.Spread(LevelRows);
        own = new SortedColumns(sample, rows.Dims, threads);
        rotated = new SortedColumns(components.Transform(sample, rows.Dims), rows.Dims, threads);
    }

    /// <summary>Fits what all budgets share.</summary>
    /// <param name="rows">Training rows, L2-normalized, <c>[rows, dims]</c>, from one row, at most <see cref="MaxRows"/>.</param>
    /// <param name="dims">Length of a row.</param>
    /// <param name="seed">For rotations and k-means.</param>
    /// <param name="threads">At most so many at a time; no result depends on it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no rows or too many.</exception>
    /// <exception cref="DatasetException">All rows are equal.</exception>
    public static BaselineCodings Fit(float[] rows, int dims, int seed, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length / dims, 1, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Length / dims, MaxRows, nameof(rows));
        var baselines = new BaselineCodings(new FittedRows(rows, dims, seed, threads), seed, threads);
        return baselines.components.Variances[0] > 0
            ? baselines
            : throw new DatasetException(ProblemTypes.UntrainableData, $"All {rows.Length / dims} training rows are equal: nothing tells neighbours apart. Give rows that differ.");
    }

    /// <summary>Every baseline at a budget, each fitted when it is asked for; no training row of its own is kept by one.</summary>
    /// <param name="bytes">Bytes of a row, from 4. A baseline that cannot use them all takes fewer.</param>
    public IEnumerable<IDocumentCoding> At(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 4);
        yield return Truncation(bytes);
        yield return SignBits(bytes);
        yield return Itq(bytes);
        yield return SignedPca(bytes);
        yield return BitAllocatedPca(bytes);
        yield return ProductQuantization(bytes);
    }

    /// <summary>Leading coordinates, the mean for the rest: the best of float16, 8 bits and 4 bits.</summary>
    private IDocumentCoding Truncation(int bytes) => rows.Best(
    [
        new HalfTruncationCoding("truncation", components.Mean, Math.Min(bytes / 2, rows.Dims)),
        new ScalarCoding("truncation", own, Leading(bytes, 8), rotation: null),
        new ScalarCoding("truncation", own, Leading(2 * bytes, 4), rotation: null),
    ]);

    /// <summary>One bit for each leading coordinate: which of two levels about the mean is nearer.</summary>
    private ScalarCoding SignBits(int bytes) => new("sign bits", own, Leading(8 * bytes, 1), rotation: null);

    /// <summary>With a scale for each row, or a bit for each of eight more components and one scale for all: the better of the two.</summary>
    private IDocumentCoding Itq(int bytes) => rows.Best([Itq(Math.Min(8 * (bytes - 1), rows.Dims), scaleARow: true), Itq(Math.Min(8 * bytes, rows.Dims), scaleARow: false)]);

    private ItqCoding Itq(int bits, bool scaleARow)
    {
        float[] rotation = rotations.GetOrAdd(bits, _ => new Lazy<float[]>(
            () => IterativeQuantization.Rotation(components.Transform(rows.Spread(RotationRows), bits), bits, RotationIterations, seed))).Value;
        return new ItqCoding("ITQ", components, rotation, bits, scaleARow ? null : rows.Spread(MagnitudeRows));
    }

    /// <summary>Few values of many bits or many of few: the best.</summary>
    private IDocumentCoding SignedPca(int bytes)
    {
        float[] sample = rows.Spread(MagnitudeRows);
        return rows.Best([.. ValueBits.Select(bits => SignedPcaCoding.Fit("signed PCA", bytes, bits, components, sample)).OfType<IDocumentCoding>()]);
    }

    private ScalarCoding BitAllocatedPca(int bytes) => new("bit-allocated PCA", rotated, BitAllocation.Greedy(rotated, 8 * bytes), components);

    private ProductQuantizerCoding ProductQuantization(int bytes) =>
        new("PQ", ProductQuantizer.Fit(rows.Values, rows.Dims, bytes, ClusterIterations, seed, threads));

    private int[] Leading(int count, int bits) => [.. Enumerable.Range(0, rows.Dims).Select(d => d < count ? bits : 0)];
}

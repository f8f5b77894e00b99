using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Search;

/// <summary>What the sketches of an index' rows are made of and read with: the principal axes of its decoded rows. Immutable, thread-safe.</summary>
/// <remarks>
/// A row's sketch is where x̂/|x̂| lies along the <see cref="SketchDims"/> strongest axes, at one of four levels of each. A query's products with all atoms
/// are taken along the axes too, where those hold nearly all of the rows: the axes are an eighth of the dimensions, and a byte is a fourth of a float.
/// </remarks>
internal sealed class SketchAxes
{
    /// <summary>Axes that rows are sketched along: with 64 a shortlist of 200 of 1,000 candidates holds the recall of scoring every row within .003 (WordNet) and .02 (a mixture); 32 lose .04 and .12, 96 gain .002 and .016.</summary>
    public const int SketchDims = 64;

    /// <summary>Levels of an axis.</summary>
    public const int Levels = 4;

    /// <summary>Bytes of a row's sketch.</summary>
    public const int SketchBytes = SketchDims / 4;

    private const int SampleRows = 4096, MaxAxes = 256, AxesStep = 32, LookupSteps = 127;

    // Where that much of the rows is along them, shortlists chosen by products along the axes hold as many neighbours as those by whole products, within .004.
    private const float EnoughEnergy = 0.9f;

    private readonly ByteRows axes;
    private readonly ByteRows? atoms;
    private readonly float[] levels;

    /// <summary>Takes what was made before.</summary>
    /// <param name="axes"><c>[axes, inputDims]</c>.</param>
    /// <param name="atoms">The atoms' coordinates, <c>[latentDims, axes]</c>; null where the axes hold too little.</param>
    /// <param name="levels"><c>[SketchDims, Levels]</c>.</param>
    public SketchAxes(ByteRows axes, ByteRows? atoms, float[] levels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(levels.Length, SketchDims * Levels, nameof(levels));
        this.axes = axes;
        this.atoms = atoms;
        this.levels = levels;
    }

    /// <summary>The axes.</summary>
    public ByteRows Axes => axes;

    /// <summary>The atoms along them; null: products are taken whole.</summary>
    public ByteRows? Atoms => atoms;

    /// <summary>The levels, <c>[SketchDims, Levels]</c>.</summary>
    public ReadOnlySpan<float> LevelValues => levels;

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => BytesOf(axes.Rows, axes.Dims, atoms?.Rows ?? 0);

    /// <summary>Most bytes that it takes.</summary>
    /// <param name="inputDims">Length of an embedding.</param>
    /// <param name="latentDims">Latents.</param>
    public static long MostBytes(int inputDims, int latentDims) => BytesOf(Math.Min(inputDims, MaxAxes), inputDims, latentDims);

    /// <summary>Finds the axes.</summary>
    /// <param name="sample">Decoded rows of unit length, <c>[rows, inputDims]</c>, from one.</param>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="sketcher">Makes sketches of rows.</param>
    public static SketchAxes Fit(ReadOnlySpan<float> sample, LinearDecoder dictionary, out RowSketcher sketcher)
    {
        int dims = dictionary.InputDims;
        (float[] found, float[] energies) = PrincipalAxes.Fit(sample, dims, Math.Min(dims, MaxAxes));
        float total = TensorPrimitives.SumOfSquares(sample), held = 0;
        int count = 0;
        // One at least: rows that all decode to nothing have no energy to hold.
        while (count < energies.Length && (count == 0 || count % AxesStep != 0 || held < EnoughEnergy * total))
            held += energies[count++];
        found = found[..(count * dims)];
        sketcher = new RowSketcher(found.AsSpan(0, Math.Min(count, SketchDims) * dims), sample, dictionary);
        ByteRows? atoms = null;
        if (held >= EnoughEnergy * total)
        {
            var coordinates = new float[dictionary.LatentDims * count];
            RowProducts.Multiply(dictionary.Atoms, found, dims, coordinates);
            atoms = ByteRows.Round(coordinates, count);
        }
        return new SketchAxes(ByteRows.Round(found, dims), atoms, sketcher.Levels);
    }

    /// <summary>Which rows are a sample: as many as axes need, evenly spread.</summary>
    /// <param name="rows">All rows.</param>
    public static IEnumerable<long> Sample(long rows)
    {
        long count = Math.Min(rows, SampleRows);
        for (long i = 0; i < count; i++)
            yield return i * rows / count;
    }

    /// <summary>Projects a query.</summary>
    /// <param name="query">q, of unit length, <c>[inputDims]</c>.</param>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="products">Its whole products where they are known; null: they are taken along the axes if those hold enough.</param>
    public SketchedQuery Project(ReadOnlySpan<float> query, LinearDecoder dictionary, ProjectedQuery? products)
    {
        var coordinates = new float[axes.Rows];
        axes.Multiply(query, coordinates);
        if (products is null && atoms is not null)
        {
            var along = new float[atoms.Rows];
            atoms.Multiply(coordinates, along);
            products = new ProjectedQuery(along, TensorPrimitives.Dot<float>(query, dictionary.Mean));
        }
        return Lookups(coordinates, products ?? new AsymmetricScorer(dictionary).Project(query));
    }

    /// <summary>For each pair of axes what each of its 16 pairs of levels adds to a score, in whole steps from the least.</summary>
    private SketchedQuery Lookups(ReadOnlySpan<float> coordinates, ProjectedQuery products)
    {
        const int pairs = SketchDims / 2, sums = Levels * Levels;
        Span<float> gains = stackalloc float[pairs * sums];
        float widest = 0, least = 0;
        for (int pair = 0; pair < pairs; pair++)
        {
            Vector128<float> first = Gains(coordinates, 2 * pair), second = Gains(coordinates, (2 * pair) + 1);
            float low = Least(first) + Least(second);
            for (int i = 0; i < Levels; i++)
                (first + Vector128.Create(second[i]) - Vector128.Create(low)).CopyTo(gains[((pair * sums) + (i * Levels))..]);
            least += low;
            widest = Math.Max(widest, -Least(-first) - Least(-second) - low);
        }
        float step = widest / LookupSteps;
        var lookups = new byte[gains.Length];
        if (step > 0)
        {
            TensorPrimitives.Divide(gains, step, gains);
            TensorPrimitives.Round(gains, gains);
            TensorPrimitives.ConvertTruncating<float, byte>(gains, lookups);
        }
        return new SketchedQuery(lookups, step, least, products);
    }

    /// <summary>What an axis' levels add to a score.</summary>
    private Vector128<float> Gains(ReadOnlySpan<float> coordinates, int axis) =>
        Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(levels), (nuint)(axis * Levels)) * (axis < coordinates.Length ? coordinates[axis] : 0);

    private static float Least(Vector128<float> values)
    {
        Vector128<float> halves = Vector128.Min(values, Vector128.Shuffle(values, Vector128.Create(2, 3, 0, 1)));
        return Math.Min(halves[0], halves[1]);
    }

    private static long BytesOf(int axes, int inputDims, int latentDims) =>
        ((long)axes * (inputDims + latentDims + sizeof(float))) + ((long)latentDims * sizeof(float)) + (SketchDims * Levels * sizeof(float));
}

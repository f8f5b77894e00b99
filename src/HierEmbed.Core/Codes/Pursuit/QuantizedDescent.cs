using System.Numerics.Tensors;
using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Core.Codes.Pursuit;

/// <summary>Coordinate descent over quantized values on atoms that stay: min |x − m − Σ q_j atom_j|² with every q_j on the grid. Not thread-safe.</summary>
/// <remarks>
/// One coordinate at a time, the best grid value for q_j is the one nearest to q_j + (α⁰_j − Σ_i G_ji q_i), atoms being of unit length.
/// Rounding alone leaves errors that correlated atoms could take from one another: at 4 bits and many atoms it loses most of what pursuit won.
/// </remarks>
internal sealed class QuantizedDescent
{
    private const int MaxSweeps = 8;

    /// <summary>Steps of the scale that are tried around the one that the largest value asks for.</summary>
    private static readonly int[] ScaleSteps = [-8, -4, 0, 4];

    private readonly float[] gram;
    private readonly int latentDims;
    private readonly float[] block;
    private readonly float[] gradient;
    private readonly float[] current;
    private readonly float[] best;

    /// <param name="dictionary">The atoms.</param>
    /// <param name="maxK">Most atoms of a code.</param>
    public QuantizedDescent(LinearDecoder dictionary, int maxK)
    {
        gram = dictionary.Gram;
        latentDims = dictionary.LatentDims;
        block = new float[maxK * maxK];
        gradient = new float[maxK];
        current = new float[maxK];
        best = new float[maxK];
    }

    /// <summary>Values on the grid, <c>[atoms]</c>, in the order of the atoms.</summary>
    public ReadOnlySpan<float> Values(int count) => best.AsSpan(0, count);

    /// <summary>Fits values, trying a few scales around the one that the largest value asks for.</summary>
    /// <param name="atoms">The atoms, any order.</param>
    /// <param name="values">Least-squares values to start from.</param>
    /// <param name="products">α⁰, <c>[latentDims]</c>.</param>
    /// <param name="grid">Where values may stand.</param>
    public void Fit(ReadOnlySpan<int> atoms, ReadOnlySpan<float> values, ReadOnlySpan<float> products, ValueGrid grid)
    {
        int count = atoms.Length;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = gram.AsSpan(atoms[i] * latentDims, latentDims);
            for (int j = 0; j < count; j++)
                block[(i * count) + j] = row[atoms[j]];
        }
        int largest = CodeScale.Nearest(count == 0 ? 0 : MathF.Abs(TensorPrimitives.MaxMagnitude(values)));
        float least = float.PositiveInfinity;
        foreach (int step in ScaleSteps)
        {
            float scale = CodeScale.Value(Math.Clamp(largest + step, 0, CodeScale.Steps - 1));
            float error = Descend(atoms, values, products, grid, scale);
            if (error < least)
            {
                least = error;
                current.AsSpan(0, count).CopyTo(best);
            }
        }
    }

    /// <summary>Descends at one scale.</summary>
    /// <returns>qᵀGq − 2 α⁰ᵀq: the squared error but for |x − m|².</returns>
    private float Descend(ReadOnlySpan<int> atoms, ReadOnlySpan<float> values, ReadOnlySpan<float> products, ValueGrid grid, float scale)
    {
        int count = atoms.Length;
        Span<float> q = current.AsSpan(0, count), g = gradient.AsSpan(0, count);
        for (int i = 0; i < count; i++)
            q[i] = grid.Nearest(values[i], scale);
        for (int i = 0; i < count; i++)
            g[i] = products[atoms[i]] - TensorPrimitives.Dot<float>(block.AsSpan(i * count, count), q);
        for (int sweep = 0; sweep < MaxSweeps; sweep++)
        {
            bool moved = false;
            for (int i = 0; i < count; i++)
            {
                float next = grid.Nearest(q[i] + g[i], scale);
                float change = next - q[i];
                if (change == 0)
                    continue;
                TensorPrimitives.MultiplyAdd<float>(block.AsSpan(i * count, count), -change, g, g);
                q[i] = next;
                moved = true;
            }
            if (!moved)
                break;
        }
        // qᵀGq − 2 α⁰ᵀq = −qᵀ(α⁰ − Gq) − α⁰ᵀq
        float error = -TensorPrimitives.Dot<float>(q, g);
        for (int i = 0; i < count; i++)
            error -= products[atoms[i]] * q[i];
        return error;
    }
}

using System.Numerics.Tensors;

namespace HierEmbed.Core.Codes.Pursuit;

/// <summary>Orthogonal matching pursuit of one row after another, on the Gram matrix (batch OMP: Rubinstein, Zibulevsky and Elad 2008). Not thread-safe.</summary>
/// <remarks>
/// With S the atoms chosen so far and α⁰ = Dᵀ(x − m): z = (G_SS)⁻¹ α⁰_S by a Cholesky factor that grows a row an atom, and the residual's
/// products with all atoms are α = α⁰ − G_S z. The atom of largest |α_j| joins S.
/// </remarks>
internal sealed class OrthogonalPursuit
{
    /// <summary>Atoms chosen one by one; from there on an eighth of what is chosen joins at a time, or long codes would cost latentDims · k².</summary>
    internal const int SingleSteps = 16;

    private const int Growth = 8;

    /// <summary>An atom with less than this left, squared, outside of what is chosen adds nothing but noise.</summary>
    private const float MinIndependence = 1e-4f;

    private readonly ResidualProducts residual;
    private readonly int maxK;
    private readonly float[] factor;
    private readonly float[] forward;
    private readonly float[] values;
    private readonly int[] chosen;
    private readonly bool[] used;

    /// <param name="residual">Where α is kept.</param>
    /// <param name="maxK">Most atoms of a code.</param>
    public OrthogonalPursuit(ResidualProducts residual, int maxK)
    {
        this.residual = residual;
        this.maxK = maxK;
        factor = new float[maxK * maxK];
        forward = new float[maxK];
        values = new float[maxK];
        chosen = new int[maxK];
        used = new bool[residual.Values.Length];
    }

    /// <summary>Atoms of the last code, in the order in which they were chosen.</summary>
    public Span<int> Chosen => chosen.AsSpan(0, Count);

    /// <summary>Their values: the least squares of the row on those atoms.</summary>
    public Span<float> Values => values.AsSpan(0, Count);

    private int Count { get; set; }

    /// <summary>Codes one row.</summary>
    /// <param name="products">α⁰, the row's products with all atoms after the mean was taken off, <c>[latentDims]</c>.</param>
    /// <param name="k">Most atoms, up to maxK. Fewer where the rest adds nothing.</param>
    public void Code(ReadOnlySpan<float> products, int k)
    {
        Count = 0;
        Array.Clear(used);
        residual.Set(products, [], []);
        float least = MathF.Abs(residual.Values[residual.Largest]) * 1e-5f;
        while (true)
        {
            int before = Count;
            int wanted = Math.Min(k - Count, Count < SingleSteps ? 1 : Count / Growth);
            for (int i = 0; i < wanted; i++)
            {
                int latent = Next(i == 0);
                if (!(MathF.Abs(residual.Values[latent]) > least))
                    break;
                Join(latent, products);
            }
            if (Count == before)
                break;
            Solve();
            if (Count == k)
                break;
            residual.Set(products, Chosen, Values);
        }
    }

    // What is chosen has products of about 0, so the largest is nearly always new; atoms of one joint step, and those left out, are not.
    private int Next(bool largestKnown)
    {
        if (largestKnown && !used[residual.Largest])
            return residual.Largest;
        Span<float> alpha = residual.Values;
        for (int latent = 0; latent < used.Length; latent++)
        {
            if (used[latent])
                alpha[latent] = 0;
        }
        return TensorPrimitives.IndexOfMaxMagnitude<float>(alpha);
    }

    /// <summary>Adds an atom and its row of the Cholesky factor; leaves it out where those chosen nearly span it.</summary>
    private void Join(int latent, ReadOnlySpan<float> products)
    {
        used[latent] = true;
        Span<float> row = factor.AsSpan(Count * maxK, Count + 1);
        ReadOnlySpan<float> gramRow = residual.GramRow(latent);
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<float> other = factor.AsSpan(i * maxK, i + 1);
            row[i] = (gramRow[chosen[i]] - TensorPrimitives.Dot(row[..i], other[..i])) / other[i];
        }
        float left = gramRow[latent] - TensorPrimitives.SumOfSquares<float>(row[..Count]);
        if (!(left >= MinIndependence))
            return;
        row[Count] = MathF.Sqrt(left);
        chosen[Count] = latent;
        forward[Count] = (products[latent] - TensorPrimitives.Dot(row[..Count], forward.AsSpan(0, Count))) / row[Count];
        Count++;
    }

    /// <summary>z from L Lᵀ z = α⁰_S; L⁻¹ α⁰_S is kept as atoms join.</summary>
    private void Solve()
    {
        Span<float> right = Values;
        forward.AsSpan(0, Count).CopyTo(right);
        for (int i = Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<float> row = factor.AsSpan(i * maxK, i + 1);
            right[i] /= row[i];
            TensorPrimitives.MultiplyAdd(row[..i], -right[i], right[..i], right[..i]);
        }
    }
}

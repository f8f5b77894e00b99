using System.Numerics;
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
    private const int SingleSteps = 16, Growth = 8;

    /// <summary>An atom with less than this left, squared, outside of what is chosen adds nothing but noise.</summary>
    private const float MinIndependence = 1e-4f;

    /// <summary>Latents whose products are made at once: their sums stay in registers and the first-level cache.</summary>
    private const int BlockLatents = 1024;

    private readonly float[] gram;
    private readonly int latentDims;
    private readonly int maxK;
    private readonly float[] alpha;
    private readonly float[] factor;
    private readonly float[] forward;
    private readonly float[] values;
    private readonly int[] chosen;
    private readonly bool[] used;

    /// <param name="dictionary">The atoms.</param>
    /// <param name="maxK">Most atoms of a code.</param>
    public OrthogonalPursuit(LinearDecoder dictionary, int maxK)
    {
        gram = dictionary.Gram;
        latentDims = dictionary.LatentDims;
        this.maxK = maxK;
        alpha = new float[latentDims];
        factor = new float[maxK * maxK];
        forward = new float[maxK];
        values = new float[maxK];
        chosen = new int[maxK];
        used = new bool[latentDims];
    }

    /// <summary>Atoms of the last code, in the order in which they were chosen.</summary>
    public ReadOnlySpan<int> Chosen => chosen.AsSpan(0, Count);

    /// <summary>Their values: the least squares of the row on those atoms.</summary>
    public ReadOnlySpan<float> Values => values.AsSpan(0, Count);

    private int Count { get; set; }

    /// <summary>Codes one row.</summary>
    /// <param name="products">α⁰, the row's products with all atoms after the mean was taken off, <c>[latentDims]</c>.</param>
    /// <param name="k">Most atoms, up to maxK. Fewer where the rest adds nothing.</param>
    public void Code(ReadOnlySpan<float> products, int k)
    {
        Count = 0;
        Array.Clear(used);
        products.CopyTo(alpha);
        while (Count < k)
        {
            int before = Count;
            int wanted = Math.Min(k - Count, Count < SingleSteps ? 1 : Count / Growth);
            for (int i = 0; i < wanted; i++)
            {
                int latent = TensorPrimitives.IndexOfMaxMagnitude<float>(alpha);
                if (alpha[latent] == 0)
                    break;
                Join(latent, products);
                alpha[latent] = 0;
            }
            if (Count == before)
                break;
            Solve();
            if (Count < k)
                Subtract(products);
        }
    }

    /// <summary>Adds an atom and its row of the Cholesky factor; leaves it out where those chosen nearly span it.</summary>
    private void Join(int latent, ReadOnlySpan<float> products)
    {
        used[latent] = true;
        Span<float> row = factor.AsSpan(Count * maxK, Count + 1);
        ReadOnlySpan<float> gramRow = gram.AsSpan(latent * latentDims, latentDims);
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
        Span<float> right = values.AsSpan(0, Count);
        forward.AsSpan(0, Count).CopyTo(right);
        for (int i = Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<float> row = factor.AsSpan(i * maxK, i + 1);
            right[i] /= row[i];
            TensorPrimitives.MultiplyAdd(row[..i], -right[i], right[..i], right[..i]);
        }
    }

    /// <summary>α = α⁰ − Σ_j z_j G_j, and 0 where an atom was looked at already.</summary>
    private void Subtract(ReadOnlySpan<float> products)
    {
        for (int first = 0; first < latentDims; first += BlockLatents)
        {
            int length = Math.Min(BlockLatents, latentDims - first);
            Span<float> block = alpha.AsSpan(first, length);
            products.Slice(first, length).CopyTo(block);
            int atom = 0;
            for (; atom <= Count - 4; atom += 4)
                SubtractFour(block, atom, first);
            for (; atom < Count; atom++)
                TensorPrimitives.MultiplyAdd(gram.AsSpan((chosen[atom] * latentDims) + first, length), -values[atom], block, block);
        }
        for (int latent = 0; latent < latentDims; latent++)
        {
            if (used[latent])
                alpha[latent] = 0;
        }
    }

    // Four rows at a time: a quarter of the loads and stores of α.
    private void SubtractFour(Span<float> block, int atom, int first)
    {
        ReadOnlySpan<float> g0 = gram.AsSpan((chosen[atom] * latentDims) + first, block.Length);
        ReadOnlySpan<float> g1 = gram.AsSpan((chosen[atom + 1] * latentDims) + first, block.Length);
        ReadOnlySpan<float> g2 = gram.AsSpan((chosen[atom + 2] * latentDims) + first, block.Length);
        ReadOnlySpan<float> g3 = gram.AsSpan((chosen[atom + 3] * latentDims) + first, block.Length);
        var z0 = new Vector<float>(-values[atom]);
        var z1 = new Vector<float>(-values[atom + 1]);
        var z2 = new Vector<float>(-values[atom + 2]);
        var z3 = new Vector<float>(-values[atom + 3]);
        int i = 0;
        for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> sum = new Vector<float>(block[i..]);
            sum = Vector.FusedMultiplyAdd(new Vector<float>(g0[i..]), z0, sum);
            sum = Vector.FusedMultiplyAdd(new Vector<float>(g1[i..]), z1, sum);
            sum = Vector.FusedMultiplyAdd(new Vector<float>(g2[i..]), z2, sum);
            sum = Vector.FusedMultiplyAdd(new Vector<float>(g3[i..]), z3, sum);
            sum.CopyTo(block[i..]);
        }
        for (; i < block.Length; i++)
            block[i] -= (values[atom] * g0[i]) + (values[atom + 1] * g1[i]) + (values[atom + 2] * g2[i]) + (values[atom + 3] * g3[i]);
    }
}

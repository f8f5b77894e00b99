using System.Numerics.Tensors;
using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Core.Codes.Pursuit;

/// <summary>Puts a code's values on a grid: min |x − m − Σ q_j atom_j|² with every q_j on the grid. Not thread-safe.</summary>
/// <remarks>
/// First coordinate descent on atoms that stay: the best grid value for q_j is the one nearest to q_j + (α⁰_j − Σ_i G_ji q_i), atoms being of
/// unit length. Rounding alone leaves errors that correlated atoms could take from one another: at many atoms it loses most of what pursuit won.
/// Then each component may move to the atom that takes most off the error with all others known: pursuit chose greedily, and for values not yet rounded.
/// No step adds to the error.
/// </remarks>
/// <param name="residual">Where α is kept.</param>
/// <param name="maxK">Most atoms of a code.</param>
internal sealed class QuantizedDescent(ResidualProducts residual, int maxK)
{
    private const int MaxSweeps = 8, MaxMoveSweeps = 2;

    /// <summary>Steps of the scale that are tried around the one that the largest value asks for.</summary>
    private static readonly int[] ScaleSteps = [-8, -4, 0, 4];

    private readonly float[] block = new float[maxK * maxK];
    private readonly float[] gradient = new float[maxK];
    private readonly float[] current = new float[maxK];
    private readonly float[] best = new float[maxK];

    /// <summary>Fits atoms and values.</summary>
    /// <param name="atoms">The atoms, any order.</param>
    /// <param name="values">Least-squares values; replaced by those on the grid.</param>
    /// <param name="products">α⁰, <c>[latentDims]</c>.</param>
    /// <param name="grid">Where values may stand.</param>
    public void Fit(Span<int> atoms, Span<float> values, ReadOnlySpan<float> products, ValueGrid grid)
    {
        int count = atoms.Length;
        if (count == 0)
            return;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = residual.GramRow(atoms[i]);
            for (int j = 0; j < count; j++)
                block[(i * count) + j] = row[atoms[j]];
        }
        int largest = CodeScale.Nearest(MathF.Abs(TensorPrimitives.MaxMagnitude<float>(values)));
        float least = float.PositiveInfinity, scale = 0;
        foreach (int step in ScaleSteps)
        {
            float tried = CodeScale.Value(Math.Clamp(largest + step, 0, CodeScale.Steps - 1));
            float error = Descend(atoms, values, products, grid, tried);
            if (error < least)
            {
                least = error;
                scale = tried;
                current.AsSpan(0, count).CopyTo(best);
            }
        }
        best.AsSpan(0, count).CopyTo(values);
        Move(atoms, values, products, grid, scale);
    }

    /// <summary>Descends at one scale, from values to current.</summary>
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

    /// <summary>Takes one component out at a time and puts it back where it takes most off, on its own atom or on one not in the code.</summary>
    private void Move(Span<int> atoms, Span<float> values, ReadOnlySpan<float> products, ValueGrid grid, float scale)
    {
        residual.Set(products, atoms, values);
        int since = 0, last = 0;
        float back = 0;
        for (int step = 0; step < MaxMoveSweeps * atoms.Length && since < atoms.Length; step++)
        {
            int i = step % atoms.Length;
            // One pass puts the last component back and takes this one out.
            residual.Add(last, back, atoms[i], values[i]);
            (int atom, float value) = (atoms[i], grid.Nearest(residual.Values[atoms[i]], scale));
            if (residual.Largest != atom)
            {
                int other = residual.LargestBut(atoms);
                float moved = grid.Nearest(residual.Values[other], scale);
                if (Gain(moved, residual.Values[other]) > Gain(value, residual.Values[atom]))
                    (atom, value) = (other, moved);
            }
            since = atom == atoms[i] && value == values[i] ? since + 1 : 0;
            (atoms[i], values[i]) = (atom, value);
            (last, back) = (atom, -value);
        }
    }

    /// <summary>What a component of a value takes off the squared error, product being its atom's with what is left: |r|² − |r − v d|².</summary>
    private static float Gain(float value, float product) => value * ((2 * product) - value);
}

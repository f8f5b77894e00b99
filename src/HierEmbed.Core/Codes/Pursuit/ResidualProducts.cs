using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Codes.Pursuit;

/// <summary>α, the products of all atoms with what a code leaves of a row, and the largest of them. Not thread-safe.</summary>
/// <param name="dictionary">The atoms.</param>
internal sealed class ResidualProducts(LinearDecoder dictionary)
{
    /// <summary>Latents that are gone over before the next: their sums stay in the first-level cache while Gram rows stream by.</summary>
    private const int BlockLatents = 1024;

    private const int MaxOnStack = 256;

    private readonly float[] gram = dictionary.Gram;
    private readonly int latentDims = dictionary.LatentDims;
    private readonly float[] alpha = new float[dictionary.LatentDims];

    /// <summary>α, <c>[latentDims]</c>.</summary>
    public Span<float> Values => alpha;

    /// <summary>The Gram matrix's row of an atom.</summary>
    public ReadOnlySpan<float> GramRow(int atom) => gram.AsSpan(atom * latentDims, latentDims);

    /// <summary>The latent of largest |α|; the first of equals.</summary>
    public int Largest { get; private set; }

    /// <summary>Sets α = α⁰ − Σ_j z_j G_j.</summary>
    /// <param name="products">α⁰, <c>[latentDims]</c>.</param>
    /// <param name="atoms">The code's atoms.</param>
    /// <param name="values">z, their values.</param>
    public void Set(ReadOnlySpan<float> products, ReadOnlySpan<int> atoms, ReadOnlySpan<float> values)
    {
        float largest = -1;
        for (int first = 0; first < latentDims; first += BlockLatents)
        {
            int length = Math.Min(BlockLatents, latentDims - first);
            Span<float> block = alpha.AsSpan(first, length);
            products.Slice(first, length).CopyTo(block);
            int atom = 0;
            for (; atom <= atoms.Length - 4; atom += 4)
                SubtractFour(block, first, atoms[atom..], values[atom..]);
            for (; atom < atoms.Length; atom++)
                TensorPrimitives.MultiplyAdd(Row(atoms[atom], first, length), -values[atom], block, block);
            Note(block, first, MaxMagnitude(block), ref largest);
        }
    }

    /// <summary>Adds the rows of two atoms: α += a G_i + b G_j.</summary>
    public void Add(int i, float a, int j, float b)
    {
        float largest = -1;
        for (int first = 0; first < latentDims; first += BlockLatents)
        {
            int length = Math.Min(BlockLatents, latentDims - first);
            Span<float> block = alpha.AsSpan(first, length);
            Note(block, first, Add(block, Row(i, first, length), a, Row(j, first, length), b), ref largest);
        }
    }

    /// <summary>The latent of largest |α| that is none of some.</summary>
    public int LargestBut(ReadOnlySpan<int> latents)
    {
        if (!latents.Contains(Largest))
            return Largest;
        Span<float> kept = stackalloc float[MaxOnStack];
        kept = latents.Length <= MaxOnStack ? kept[..latents.Length] : new float[latents.Length];
        for (int i = 0; i < latents.Length; i++)
        {
            kept[i] = alpha[latents[i]];
            alpha[latents[i]] = 0;
        }
        float largest = -1;
        for (int first = 0; first < latentDims; first += BlockLatents)
        {
            Span<float> block = alpha.AsSpan(first, Math.Min(BlockLatents, latentDims - first));
            Note(block, first, MaxMagnitude(block), ref largest);
        }
        for (int i = 0; i < latents.Length; i++)
            alpha[latents[i]] = kept[i];
        return Largest;
    }

    private ReadOnlySpan<float> Row(int atom, int first, int length) => gram.AsSpan((atom * latentDims) + first, length);

    /// <summary>Remembers where a block's largest magnitude is, if it is above those of all blocks before.</summary>
    private void Note(ReadOnlySpan<float> block, int first, float inBlock, ref float largest)
    {
        if (!(inBlock > largest))
            return;
        largest = inBlock;
        Largest = first + IndexOfMagnitude(block, inBlock);
    }

    /// <summary>Where the first value of a magnitude is, which is in the block.</summary>
    private static int IndexOfMagnitude(ReadOnlySpan<float> block, float magnitude)
    {
        var wanted = new Vector<float>(magnitude);
        int i = 0;
        while (i <= block.Length - Vector<float>.Count && !Vector.EqualsAny(Vector.Abs(Load(block, i)), wanted))
            i += Vector<float>.Count;
        while (MathF.Abs(block[i]) != magnitude)
            i++;
        return i;
    }

    private static float MaxMagnitude(ReadOnlySpan<float> block)
    {
        Vector<float> most = Vector<float>.Zero;
        int i = 0;
        for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
            most = Vector.Max(most, Vector.Abs(Load(block, i)));
        return MaxMagnitude(most, block[i..]);
    }

    private static float MaxMagnitude(Vector<float> lanes, ReadOnlySpan<float> rest)
    {
        float most = 0;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
            most = MathF.Max(most, lanes[lane]);
        foreach (float value in rest)
            most = MathF.Max(most, MathF.Abs(value));
        return most;
    }

    /// <returns>The largest magnitude afterwards.</returns>
    private static float Add(Span<float> block, ReadOnlySpan<float> g0, float a, ReadOnlySpan<float> g1, float b)
    {
        var va = new Vector<float>(a);
        var vb = new Vector<float>(b);
        Vector<float> most = Vector<float>.Zero;
        int i = 0;
        for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> sum = Vector.FusedMultiplyAdd(Load(g0, i), va, Load(block, i));
            sum = Vector.FusedMultiplyAdd(Load(g1, i), vb, sum);
            sum.StoreUnsafe(ref MemoryMarshal.GetReference(block), (nuint)i);
            most = Vector.Max(most, Vector.Abs(sum));
        }
        for (int rest = i; rest < block.Length; rest++)
            block[rest] += (a * g0[rest]) + (b * g1[rest]);
        return MaxMagnitude(most, block[i..]);
    }

    // Four rows at a time: a quarter of the loads and stores of α.
    private void SubtractFour(Span<float> block, int first, ReadOnlySpan<int> atoms, ReadOnlySpan<float> values)
    {
        ReadOnlySpan<float> g0 = Row(atoms[0], first, block.Length), g1 = Row(atoms[1], first, block.Length);
        ReadOnlySpan<float> g2 = Row(atoms[2], first, block.Length), g3 = Row(atoms[3], first, block.Length);
        var z0 = new Vector<float>(-values[0]);
        var z1 = new Vector<float>(-values[1]);
        var z2 = new Vector<float>(-values[2]);
        var z3 = new Vector<float>(-values[3]);
        int i = 0;
        for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> sum = Load(block, i);
            sum = Vector.FusedMultiplyAdd(Load(g0, i), z0, sum);
            sum = Vector.FusedMultiplyAdd(Load(g1, i), z1, sum);
            sum = Vector.FusedMultiplyAdd(Load(g2, i), z2, sum);
            sum = Vector.FusedMultiplyAdd(Load(g3, i), z3, sum);
            sum.StoreUnsafe(ref MemoryMarshal.GetReference(block), (nuint)i);
        }
        for (; i < block.Length; i++)
            block[i] -= (values[0] * g0[i]) + (values[1] * g1[i]) + (values[2] * g2[i]) + (values[3] * g3[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Load(ReadOnlySpan<float> values, int at) => Vector.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)at);
}

namespace HierEmbed.Core.Codes.Packed;

/// <summary>Codes which k of n latents are active in log₂ C(n, k) bits, the fewest that serve every choice.</summary>
/// <remarks>
/// The latents are halved again and again, and each time it is coded how many of the c active ones of n lie in the lower half of a:
/// with p(i) = C(a, i) · C(n − a, c − i) / C(n, c) the product over all halvings is 1 / C(n, k), whichever latents they are.
/// Elias–Fano takes 0.6 to 1 bit an index more. Frequencies come from products and quotients of doubles alone, which every machine rounds alike.
/// </remarks>
internal sealed class SubsetCoding(int latentDims)
{
    private const uint Total = 1 << 24;

    /// <summary>[n][c]: frequencies below i active ones in the lower half, <c>[c + 2]</c>. Made when first needed; two threads may make the same.</summary>
    private readonly uint[]?[]?[] tables = new uint[latentDims + 1][][];

    /// <summary>log₂ C(n, k).</summary>
    public static double Bits(int n, int k)
    {
        double bits = 0;
        for (int i = 0; i < k; i++)
            bits += Math.Log2((double)(n - i) / (i + 1));
        return bits;
    }

    /// <summary>Writes ascending latents; how many there are must be known when they are read.</summary>
    public void Write(ref RangeEncoder target, ReadOnlySpan<int> latents) => Write(ref target, latents, 0, latentDims);

    /// <summary>Reads latents.Length ascending latents.</summary>
    public void Read(ref RangeDecoder source, Span<int> latents) => Read(ref source, latents, 0, latentDims);

    private void Write(ref RangeEncoder target, ReadOnlySpan<int> latents, int first, int n)
    {
        if (latents.Length == 0 || latents.Length == n)
            return;
        if (latents.Length == 1)
        {
            target.Write((uint)(latents[0] - first), 1, (uint)n);
            return;
        }
        int lower = Lower(n), split = 0;
        while (split < latents.Length && latents[split] < first + lower)
            split++;
        uint[] below = Table(n, latents.Length);
        target.Write(below[split], below[split + 1] - below[split], Total);
        Write(ref target, latents[..split], first, lower);
        Write(ref target, latents[split..], first + lower, n - lower);
    }

    private void Read(ref RangeDecoder source, Span<int> latents, int first, int n)
    {
        if (latents.Length == 0)
            return;
        if (latents.Length == n)
        {
            for (int i = 0; i < n; i++)
                latents[i] = first + i;
            return;
        }
        if (latents.Length == 1)
        {
            latents[0] = first + source.ReadUniform(n);
            return;
        }
        int lower = Lower(n);
        uint[] below = Table(n, latents.Length);
        uint at = source.Peek(Total);
        int low = 0, high = latents.Length;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (below[middle] <= at)
                low = middle;
            else
                high = middle - 1;
        }
        source.Take(below[low], below[low + 1] - below[low]);
        Read(ref source, latents[..low], first, lower);
        Read(ref source, latents[low..], first + lower, n - lower);
    }

    private static int Lower(int n) => (n + 1) / 2;

    private uint[] Table(int n, int c)
    {
        uint[]?[] counts = tables[n] ??= new uint[n + 1][];
        return counts[c] ??= MakeTable(n, c);
    }

    private static uint[] MakeTable(int n, int c)
    {
        int lower = Lower(n), upper = n - lower;
        int least = Math.Max(0, c - upper), most = Math.Min(c, lower);
        // Weights relative to the one in the middle, so that none overflows; what underflows still gets the frequency 1.
        int middle = Math.Clamp((int)((long)c * lower / n), least, most);
        var weights = new double[c + 1];
        weights[middle] = 1;
        for (int i = middle; i < most; i++)
            weights[i + 1] = weights[i] * (lower - i) / (i + 1) * (c - i) / (upper - c + i + 1);
        for (int i = middle; i > least; i--)
            weights[i - 1] = weights[i] * i / (lower - i + 1) * (upper - c + i) / (c - i + 1);
        double sum = 0;
        foreach (double weight in weights)
            sum += weight;
        int possible = most - least + 1;
        var frequencies = new uint[c + 1];
        uint rest = Total;
        for (int i = least; i <= most; i++)
        {
            frequencies[i] = 1 + (uint)(weights[i] / sum * (Total - possible));
            rest -= frequencies[i];
        }
        frequencies[middle] += rest;
        var below = new uint[c + 2];
        for (int i = 0; i <= c; i++)
            below[i + 1] = below[i] + frequencies[i];
        return below;
    }
}

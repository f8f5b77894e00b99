using System.Numerics;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Readers;

/// <summary>Finds NaN and infinity, which have all exponent bits set.</summary>
internal static class FiniteValues
{
    private const uint ExponentBits = 0x7F80_0000;

    /// <summary>Whether no value is NaN or infinite.</summary>
    public static bool All(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        var exponent = new Vector<uint>(ExponentBits);
        Vector<uint> found = Vector<uint>.Zero;
        int i = 0;
        // Flags are gathered over the whole span: a branch a vector costs more than reading on does.
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
            found |= Vector.Equals(new Vector<uint>(bits[i..]) & exponent, exponent);
        if (found != Vector<uint>.Zero)
            return false;
        for (; i < bits.Length; i++)
        {
            if ((bits[i] & ExponentBits) == ExponentBits)
                return false;
        }
        return true;
    }

    /// <summary>Index of the first NaN or infinity; −1 where there is none.</summary>
    public static int FirstOther(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }
        return -1;
    }
}

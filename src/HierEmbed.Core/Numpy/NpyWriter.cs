using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace HierEmbed.Core.Numpy;

/// <summary>Writes arrays as <c>numpy.save</c> does: version 1.0, C order, data aligned to 64 bytes.</summary>
public static class NpyWriter
{
    private const int Alignment = 64;

    /// <summary>Writes an array.</summary>
    /// <typeparam name="T">Half, float, double, int, long, sbyte or byte.</typeparam>
    /// <param name="target">Where it is written; stays open.</param>
    /// <param name="values">The values, the last index varying fastest.</param>
    /// <param name="shape">Sizes whose product is the number of values; none for a scalar.</param>
    /// <exception cref="ArgumentException">The shape does not fit the values, or there is no dtype for <typeparamref name="T"/>.</exception>
    public static void Write<T>(Stream target, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        if (Count(shape) != values.Length)
            throw new ArgumentException($"The shape {Text(shape)} is of {Count(shape)} values; {values.Length} are there.", nameof(shape));
        WriteHeader<T>(target, shape);
        WriteValues(target, values);
    }

    /// <summary>Writes the header alone, for values that follow part by part.</summary>
    /// <typeparam name="T">Half, float, double, int, long, sbyte or byte.</typeparam>
    /// <param name="target">Where it is written; stays open.</param>
    /// <param name="shape">Sizes of the array.</param>
    public static void WriteHeader<T>(Stream target, params ReadOnlySpan<long> shape) where T : unmanaged => WriteHeader(target, NpyType.Of<T>(), shape);

    /// <summary>Writes values behind a header.</summary>
    /// <typeparam name="T">The header's type.</typeparam>
    /// <param name="target">Where they are written; stays open.</param>
    /// <param name="values">The next values.</param>
    public static void WriteValues<T>(Stream target, ReadOnlySpan<T> values) where T : unmanaged
    {
        // A span of bytes is counted by an int.
        const int partBytes = 1 << 26;
        int part = partBytes / Marshal.SizeOf<T>();
        for (int at = 0; at < values.Length; at += part)
            target.Write(MemoryMarshal.AsBytes(values.Slice(at, Math.Min(part, values.Length - at))));
    }

    /// <summary>Writes the header of an array of any dtype.</summary>
    internal static void WriteHeader(Stream target, string descr, ReadOnlySpan<long> shape)
    {
        string dict = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {Text(shape)}, }}";
        const int prefixBytes = 10;
        int bytes = (prefixBytes + dict.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var header = new byte[bytes];
        header.AsSpan().Fill((byte)' ');
        ((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0]).CopyTo(header);
        header[8] = (byte)(bytes - prefixBytes);
        header[9] = (byte)((bytes - prefixBytes) >> 8);
        Encoding.ASCII.GetBytes(dict, header.AsSpan(prefixBytes));
        header[^1] = (byte)'\n';
        target.Write(header);
    }

    private static long Count(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = checked(count * size);
        }
        return count;
    }

    /// <summary>A Python tuple: one size has a comma behind it.</summary>
    private static string Text(ReadOnlySpan<long> shape)
    {
        string sizes = string.Join(", ", shape.ToArray().Select(size => size.ToString(CultureInfo.InvariantCulture)));
        return shape.Length == 1 ? $"({sizes},)" : $"({sizes})";
    }
}

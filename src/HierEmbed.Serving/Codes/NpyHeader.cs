using System.Buffers.Binary;
using System.Globalization;

namespace HierEmbed.Serving.Codes;

/// <summary>The header of a NumPy array, format 1.0.</summary>
/// <remarks>Source: numpy.lib.format, "Format Version 1.0".</remarks>
internal static class NpyHeader
{
    private const int FixedBytes = 10;

    /// <summary>The header of a little-endian float32 array <c>[rows, dims]</c> in C order, padded so that the data are aligned to 64 bytes.</summary>
    public static byte[] Float32(int rows, int dims)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dims}), }}");
        int length = (FixedBytes + text.Length + 1 + 63) / 64 * 64;
        byte[] header = new byte[length];
        header[0] = 0x93;
        "NUMPY\u0001\0"u8.CopyTo(header.AsSpan(1));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(length - FixedBytes));
        header.AsSpan(FixedBytes).Fill((byte)' ');
        System.Text.Encoding.ASCII.GetBytes(text, header.AsSpan(FixedBytes));
        header[^1] = (byte)'\n';
        return header;
    }
}

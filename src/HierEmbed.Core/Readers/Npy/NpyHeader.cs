using System.Buffers.Binary;
using System.Text;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Npy;

/// <summary>The header of a <c>.npy</c> file, versions 1 to 3.</summary>
/// <param name="Descr">The dtype as NumPy writes it: <c>&lt;f4</c>.</param>
/// <param name="FortranOrder">Whether the first index varies fastest.</param>
/// <param name="Shape">The declared shape. Not to be trusted for an allocation.</param>
/// <param name="Bytes">Length of the header: where the data begin.</param>
internal sealed record NpyHeader(string Descr, bool FortranOrder, long[] Shape, int Bytes)
{
    /// <summary>NumPy's own headers are under 200 bytes for arrays of numbers.</summary>
    public const int MaxHeaderBytes = 64 * 1024;

    /// <summary>What every file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a header from the stream's position; the stream is left where the data begin.</summary>
    /// <exception cref="NpyHeaderException">It is malformed, too long, or ends early.</exception>
    public static NpyHeader Read(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[12];
        Fill(stream, prefix[..8]);
        if (!prefix.StartsWith(Magic))
            throw Malformed("it does not begin with \\x93NUMPY");
        int major = prefix[6];
        if (major is < 1 or > 3 || prefix[7] != 0)
            throw new NpyHeaderException(ProblemTypes.UnsupportedContent, $"the .npy version is {major}.{prefix[7]}; expected 1.0, 2.0 or 3.0. Save it again with numpy.save.");
        int lengthBytes = major == 1 ? 2 : 4;
        Fill(stream, prefix.Slice(8, lengthBytes));
        uint length = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(prefix[8..]);
        if (length > MaxHeaderBytes)
            throw Malformed($"it declares {length} bytes of header; at most {MaxHeaderBytes} are read");
        var text = new byte[length];
        Fill(stream, text);
        return NpyHeaderParser.Parse(Encoding.UTF8.GetString(text), 8 + lengthBytes + (int)length);
    }

    /// <summary>A header that is not what NumPy writes.</summary>
    public static NpyHeaderException Malformed(string found) =>
        new(ProblemTypes.MalformedFile, $"the .npy header is not well formed: {found}. Save it again with numpy.save.");

    private static void Fill(Stream stream, Span<byte> buffer)
    {
        int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (read < buffer.Length)
            throw new NpyHeaderException(ProblemTypes.TruncatedFile, $"the file ends inside the .npy header, {buffer.Length - read} bytes short. Upload it again.");
    }
}

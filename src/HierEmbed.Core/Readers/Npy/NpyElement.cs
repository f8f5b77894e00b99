using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Npy;

/// <summary>The stored number type: float16, float32 or float64, in either byte order.</summary>
/// <param name="Bytes">2, 4 or 8.</param>
/// <param name="Swapped">Whether the byte order is not this machine's.</param>
internal readonly record struct NpyElement(int Bytes, bool Swapped)
{
    /// <summary>Whether the bytes are float32 values as they are.</summary>
    public bool IsNativeSingle => Bytes == 4 && !Swapped;

    /// <summary>Reads a dtype such as <c>&lt;f4</c>.</summary>
    /// <exception cref="NpyHeaderException">It is an object, or no float of 2, 4 or 8 bytes.</exception>
    public static NpyElement Parse(string descr)
    {
        if (descr.Length >= 2 && descr[^1] == 'O')
            throw new NpyHeaderException(ProblemTypes.UnsupportedContent,
                "the dtype is object, stored as a pickle, which is never loaded because it can run code. Save numbers instead: numpy.save(file, numpy.asarray(rows, dtype='float32')).");
        bool? little = descr.Length == 3 ? descr[0] switch { '<' => true, '>' => false, '=' or '|' => BitConverter.IsLittleEndian, _ => null } : null;
        int bytes = little is not null && descr[1] == 'f' && descr[2] is '2' or '4' or '8' ? descr[2] - '0' : 0;
        if (little is null || bytes == 0)
            throw new NpyHeaderException(ProblemTypes.UnsupportedContent,
                $"the dtype is '{(descr.Length > 20 ? descr[..20] : descr)}'; expected f2, f4 or f8. Convert it with array.astype('float32').");
        return new NpyElement(bytes, little != BitConverter.IsLittleEndian);
    }

    /// <summary>Converts stored bytes to float32; float64 beyond its range becomes infinity. The bytes are overwritten where they are swapped.</summary>
    /// <param name="stored">A whole number of elements.</param>
    /// <param name="values">As many values.</param>
    public void Convert(Span<byte> stored, Span<float> values)
    {
        switch (Bytes)
        {
            case 2:
                Span<short> halves = MemoryMarshal.Cast<byte, short>(stored);
                if (Swapped)
                    BinaryPrimitives.ReverseEndianness(halves, halves);
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<short, Half>(halves), values);
                break;
            case 4:
                Span<int> singles = MemoryMarshal.Cast<byte, int>(stored);
                if (Swapped)
                    BinaryPrimitives.ReverseEndianness(singles, singles);
                MemoryMarshal.Cast<int, float>(singles).CopyTo(values);
                break;
            default:
                Span<long> doubles = MemoryMarshal.Cast<byte, long>(stored);
                if (Swapped)
                    BinaryPrimitives.ReverseEndianness(doubles, doubles);
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<long, double>(doubles), values);
                break;
        }
    }
}

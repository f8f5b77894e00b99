using System.Buffers.Binary;

namespace HierEmbed.Core.Readers.Vecs;

/// <summary>The formats of the ANN benchmark sets, http://corpus-texmex.irisa.fr: each row is its length as int32 and as many values, all little-endian.</summary>
internal static class VecsFormat
{
    /// <summary>Rows of float32.</summary>
    public static EmbeddingFormat Floats { get; } = Of("float32 vectors (.fvecs)", ".fvecs", "fvecs", sizeof(float));

    /// <summary>Rows of bytes.</summary>
    public static EmbeddingFormat Bytes { get; } = Of("byte vectors (.bvecs)", ".bvecs", "bvecs", sizeof(byte));

    private static EmbeddingFormat Of(string description, string extension, string format, int elementBytes) =>
        new(description, [extension], head => Matches(head, elementBytes), (name, stream, options, _) => VecsReader.Open(name, stream, options, format, elementBytes));

    /// <summary>There is no magic number: the first length must be one that is read, and the second the same where the head has it.</summary>
    private static bool Matches(ReadOnlySpan<byte> head, int elementBytes)
    {
        if (head.Length < sizeof(int))
            return false;
        int dims = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (dims < 1 || dims > ReaderOptions.Default.MaxDims)
            return false;
        int next = sizeof(int) + (dims * elementBytes);
        return next + sizeof(int) > head.Length || BinaryPrimitives.ReadInt32LittleEndian(head[next..]) == dims;
    }
}

using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Codes.Packed;

/// <summary>The header of a <c>.codes</c> file.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="Coding">How the codes were made.</param>
/// <param name="Format">How they are packed.</param>
/// <param name="Bytes">Length of the header: where the rows begin.</param>
internal sealed record CodeFileHeader(string ModelId, CodeCoding Coding, PackedCodeFormat Format, int Bytes)
{
    public static byte[] Write(string modelId, CodeCoding coding, PackedCodeFormat format)
    {
        byte[] id = Encoding.UTF8.GetBytes(modelId);
        if (id.Length is 0 or > CodeFileLayout.MaxModelIdBytes)
            throw new ArgumentException($"The model id has {id.Length} bytes; expected 1 to {CodeFileLayout.MaxModelIdBytes}.", nameof(modelId));
        ReadOnlySpan<float> levels = format.Grid.Levels;
        int used = CodeFileLayout.FixedHeaderBytes + id.Length + (levels.Length * sizeof(float)) + CodeFileLayout.HashBytes;
        var header = new byte[(used + CodeFileLayout.Alignment - 1) / CodeFileLayout.Alignment * CodeFileLayout.Alignment];
        CodeFileLayout.Magic.CopyTo(header);
        int[] numbers = [CodeFileLayout.Version, header.Length, format.LatentDims, format.K, format.BytesPerVector, (int)coding, levels.Length, id.Length];
        for (int i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8 + (i * sizeof(int))), numbers[i]);
        id.CopyTo(header.AsSpan(CodeFileLayout.FixedHeaderBytes));
        for (int i = 0; i < levels.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(CodeFileLayout.FixedHeaderBytes + id.Length + (i * sizeof(float))), levels[i]);
        Span<byte> hash = header.AsSpan(header.Length - CodeFileLayout.HashBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(hash, XxHash3.HashToUInt64(header.AsSpan(0, header.Length - CodeFileLayout.HashBytes)));
        return header;
    }

    /// <exception cref="ModelException">It is no header.</exception>
    public static CodeFileHeader Read(string name, ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(CodeFileLayout.Magic))
            throw CodeFileLayout.Corrupt(name, "it does not begin as a collection of codes does");
        Span<int> numbers = stackalloc int[8];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(file[(8 + (i * sizeof(int)))..]);
        if (numbers[0] != CodeFileLayout.Version)
            throw new ModelException(ProblemTypes.CorruptArtifact, $"{name}: it has format version {numbers[0]}, this program reads {CodeFileLayout.Version}. Use the program that wrote it, or encode the rows again.");
        int length = numbers[1], levelCount = numbers[6], idBytes = numbers[7];
        int most = CodeFileLayout.FixedHeaderBytes + CodeFileLayout.MaxModelIdBytes + (ValueGrid.MaxLevels * sizeof(float)) + CodeFileLayout.HashBytes + CodeFileLayout.Alignment;
        if (length < CodeFileLayout.MinHeaderBytes || length > most || length % CodeFileLayout.Alignment != 0 || length > file.Length - CodeFileLayout.FooterBytes)
            throw CodeFileLayout.Corrupt(name, $"its header declares {length} bytes in a file of {file.Length}");
        ReadOnlySpan<byte> header = file[..length];
        if (XxHash3.HashToUInt64(header[..^CodeFileLayout.HashBytes]) != BinaryPrimitives.ReadUInt64LittleEndian(header[^CodeFileLayout.HashBytes..]))
            throw CodeFileLayout.Corrupt(name, "the header does not fit its checksum");
        if (idBytes is < 1 or > CodeFileLayout.MaxModelIdBytes || levelCount is < 2 or > ValueGrid.MaxLevels
            || CodeFileLayout.FixedHeaderBytes + idBytes + (levelCount * sizeof(float)) + CodeFileLayout.HashBytes > length)
            throw CodeFileLayout.Corrupt(name, $"its header of {length} bytes declares {levelCount} levels and a model id of {idBytes} bytes");
        if (!Enum.IsDefined((CodeCoding)numbers[5]))
            throw CodeFileLayout.Corrupt(name, $"its coding is {numbers[5]}; expected 0 (pursuit) or 1 (encoder)");
        var levels = new float[levelCount];
        for (int i = 0; i < levelCount; i++)
            levels[i] = BinaryPrimitives.ReadSingleLittleEndian(header[(CodeFileLayout.FixedHeaderBytes + idBytes + (i * sizeof(float)))..]);
        try
        {
            string modelId = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(header.Slice(CodeFileLayout.FixedHeaderBytes, idBytes));
            return new CodeFileHeader(modelId, (CodeCoding)numbers[5], new PackedCodeFormat(numbers[2], numbers[3], new ValueGrid(levels), numbers[4]), length);
        }
        catch (ArgumentException e)
        {
            throw new ModelException(ProblemTypes.CorruptArtifact, $"{name}: the header declares what cannot be: {e.Message.Split('\n')[0]} Write the codes again.", e);
        }
    }
}

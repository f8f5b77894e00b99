using System.Buffers.Binary;

namespace HierEmbed.Core.Search;

/// <summary>Reads the fields of an index file's header one after the other.</summary>
/// <param name="bytes">The header, long enough for what is asked.</param>
internal sealed class IndexFields(ReadOnlyMemory<byte> bytes)
{
    private int at;

    public ReadOnlySpan<byte> Take(int count) => bytes.Span.Slice((at += count) - count, count);

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public FileSection Section() => new(Int64(), Int64(), (ulong)Int64());
}

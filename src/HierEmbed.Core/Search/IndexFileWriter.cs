using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace HierEmbed.Core.Search;

/// <summary>Writes an index to a file, as <see cref="IndexFileLayout"/> says.</summary>
internal static class IndexFileWriter
{
    /// <summary>Writes it under a name of its own in the same folder, then gives it its name.</summary>
    public static void Write(SearchIndex index, string path)
    {
        string unfinished = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream file = File.Create(unfinished))
                Write(index, file);
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static void Write(SearchIndex index, FileStream file)
    {
        byte[] model = Encoding.UTF8.GetBytes(index.ModelId);
        if (model.Length > IndexFileLayout.MaxModelIdBytes)
            throw new ArgumentException($"The model id has {model.Length} bytes; expected at most {IndexFileLayout.MaxModelIdBytes}.", nameof(index));
        long used = IndexFileLayout.FixedHeaderBytes + model.Length + IndexFileLayout.SectionBytes + ((long)index.Blocks.Count * IndexFileLayout.BlockBytes) + IndexFileLayout.HashBytes;
        int length = checked((int)IndexFileLayout.Align(used));
        file.Position = length;
        FileSection axes = index.Axes is null ? default : Append(file, AxesParts(index.Axes));
        FileBlock[] blocks = [.. index.Blocks.Select(block => new FileBlock(block.First, block.Rows, block.Records.K, block.Records.Levels.Length,
            (block.Lists?.Rows.Length ?? 0) / sizeof(ushort), Append(file, BlockParts(block))))];
        byte[] header = Header(index, model, length, axes, blocks);
        file.Write(header.AsSpan(length - IndexFileLayout.HashBytes));
        file.Write(IndexFileLayout.Magic);
        file.Position = 0;
        file.Write(header);
    }

    private static byte[] Header(SearchIndex index, byte[] model, int length, FileSection axes, FileBlock[] blocks)
    {
        var header = new byte[length];
        using var writer = new BinaryWriter(new MemoryStream(header));
        writer.Write(IndexFileLayout.Magic);
        writer.Write(IndexFileLayout.Version);
        writer.Write(length);
        writer.Write((long)index.Rows);
        writer.Write(index.Source);
        foreach (int number in (int[])[(int)index.Coding, index.LatentDims, index.Axes?.Axes.Dims ?? 0, index.Axes?.Axes.Rows ?? 0, index.Axes?.Atoms is null ? 0 : 1, blocks.Length, model.Length])
            writer.Write(number);
        writer.Write(model);
        Write(writer, axes);
        foreach (FileBlock block in blocks)
        {
            foreach (int number in (int[])[block.First, block.Rows, block.K, block.Levels, block.Postings])
                writer.Write(number);
            Write(writer, block.Section);
        }
        writer.BaseStream.Position = length - IndexFileLayout.HashBytes;
        writer.Write(XxHash3.HashToUInt64(header.AsSpan(0, length - IndexFileLayout.HashBytes)));
        return header;
    }

    private static void Write(BinaryWriter writer, FileSection section)
    {
        writer.Write(section.Offset);
        writer.Write(section.Bytes);
        writer.Write(section.Hash);
    }

    private static ReadOnlyMemory<byte>[] AxesParts(SketchAxes axes) =>
        [Bytes(axes.Axes.Scales), Bytes(axes.Atoms is null ? [] : axes.Atoms.Scales), Bytes(axes.LevelValues), axes.Axes.Values, axes.Atoms?.Values ?? default];

    private static ReadOnlyMemory<byte>[] BlockParts(IndexBlock block) =>
    [
        Bytes(block.Records.Levels), block.Records.Bytes,
        .. block.Sketches.IsEmpty ? [] : (ReadOnlyMemory<byte>[])[block.Sketches],
        .. block.Lists is { } lists ? [Bytes(lists.Impacts), lists.Starts, lists.Rows] : (ReadOnlyMemory<byte>[])[],
    ];

    private static ReadOnlyMemory<byte> Bytes(ReadOnlySpan<float> values) => MemoryMarshal.AsBytes(values).ToArray();

    /// <summary>Appends parts, each filled up with zeros to a multiple of the alignment.</summary>
    private static FileSection Append(FileStream file, ReadOnlyMemory<byte>[] parts)
    {
        long offset = file.Position;
        var hash = new XxHash3();
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            byte[] zeros = new byte[IndexFileLayout.Align(part.Length) - part.Length];
            file.Write(part.Span);
            file.Write(zeros);
            hash.Append(part.Span);
            hash.Append(zeros);
        }
        return new FileSection(offset, file.Position - offset, hash.GetCurrentHashAsUInt64());
    }
}

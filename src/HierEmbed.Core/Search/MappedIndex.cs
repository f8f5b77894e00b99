using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Search;

/// <summary>Opens an index file, as <see cref="IndexFileLayout"/> says.</summary>
internal sealed class MappedIndex
{
    private readonly string name;
    private readonly MappedFile file;
    private readonly FileBlock[] blocks;
    private readonly bool isLarge;
    private readonly IndexHeader header;

    private MappedIndex(string name, MappedFile file)
    {
        this.name = name;
        this.file = file;
        if (file.Length < IndexFileLayout.Alignment + IndexFileLayout.FooterBytes)
            throw Corrupt($"it ends after {file.Length} bytes; the shortest index is longer");
        var start = new IndexFields(file.Slice(0, IndexFileLayout.FixedHeaderBytes));
        if (!start.Take(IndexFileLayout.Magic.Length).SequenceEqual(IndexFileLayout.Magic))
            throw Corrupt("it does not begin as an index does");
        int version = start.Int32(), length = start.Int32();
        if (version != IndexFileLayout.Version)
            throw Corrupt($"it has format version {version}, this program reads {IndexFileLayout.Version}");
        if (length < IndexFileLayout.Alignment || length % IndexFileLayout.Alignment != 0 || length > file.Length - IndexFileLayout.FooterBytes)
            throw Corrupt($"its header declares {length} bytes in a file of {file.Length}");
        ReadOnlySpan<byte> whole = file.Bytes(0, length), footer = file.Bytes(file.Length - IndexFileLayout.FooterBytes, IndexFileLayout.FooterBytes);
        ulong hash = BinaryPrimitives.ReadUInt64LittleEndian(whole[^IndexFileLayout.HashBytes..]);
        if (XxHash3.HashToUInt64(whole[..^IndexFileLayout.HashBytes]) != hash)
            throw Corrupt("the header does not fit its checksum");
        if (!footer.EndsWith(IndexFileLayout.Magic) || BinaryPrimitives.ReadUInt64LittleEndian(footer) != hash)
            throw Corrupt($"it ends after {file.Length} bytes without its footer: it was cut off or not finished");
        var fields = new IndexFields(file.Slice(0, length - IndexFileLayout.HashBytes));
        fields.Take(IndexFileLayout.Magic.Length + (2 * sizeof(int)));
        long rows = fields.Int64();
        ulong source = (ulong)fields.Int64();
        int coding = fields.Int32(), latentDims = fields.Int32(), inputDims = fields.Int32(), axes = fields.Int32(), hasAtoms = fields.Int32(), blockCount = fields.Int32(), modelBytes = fields.Int32();
        long used = IndexFileLayout.FixedHeaderBytes + (long)modelBytes + IndexFileLayout.SectionBytes + ((long)blockCount * IndexFileLayout.BlockBytes) + IndexFileLayout.HashBytes;
        if (rows is < 0 or > int.MaxValue || !Enum.IsDefined((CodeCoding)coding) || latentDims is < 1 or > PackedCodeFormat.MaxLatentDims || modelBytes is < 0 or > IndexFileLayout.MaxModelIdBytes
            || blockCount < 0 || IndexFileLayout.Align(used) != length || hasAtoms is not (0 or 1) || inputDims < 0 || axes < 0 || axes > inputDims)
            throw Corrupt("its header declares what cannot be");
        string modelId = Encoding.UTF8.GetString(fields.Take(modelBytes));
        isLarge = rows > SearchIndex.ScannedRows;
        if (isLarge && (CodeCoding)coding == CodeCoding.Pursuit != axes > 0)
            throw Corrupt($"it has {axes} axes for {rows} codes of coding {(CodeCoding)coding}");
        long at = length;
        FileSection axesSection = fields.Section();
        int atoms = hasAtoms * latentDims;
        if (axes > 0)
            at = CheckPlace(axesSection, at, IndexFileLayout.AxesParts(axes, inputDims, atoms));
        blocks = new FileBlock[blockCount];
        long first = 0;
        for (int i = 0; i < blockCount; i++)
        {
            FileBlock block = blocks[i] = new FileBlock(fields.Int32(), fields.Int32(), fields.Int32(), fields.Int32(), fields.Int32(), fields.Section());
            if (block.First != first || block.Rows is < 1 or > IndexBlock.MaxRows || block.K is < 0 or > CodeRecords.MaxK || block.Levels is < 1 or > 256 || block.Postings < 0)
                throw Corrupt($"block {i} declares what cannot be");
            first += block.Rows;
            at = CheckPlace(block.Section, at, IndexFileLayout.BlockParts(block, axes > 0, isLarge && axes == 0, latentDims));
        }
        if (first != rows || at + IndexFileLayout.FooterBytes != file.Length)
            throw Corrupt($"its header declares {rows} rows in {at + IndexFileLayout.FooterBytes} bytes; its blocks have {first} rows, the file {file.Length} bytes");
        header = new IndexHeader(modelId, source, (CodeCoding)coding, latentDims, rows, [.. blocks.Select(block => new IndexHeader.Block(block.First, block.Rows))]);
        Axes = axes == 0 ? null : ReadAxes(axesSection, axes, inputDims, atoms);
    }

    private SketchAxes? Axes { get; }

    /// <exception cref="ModelException">It is no index, damaged, cut off, or of another version.</exception>
    public static SearchIndex Open(string path)
    {
        string name = Path.GetFileName(path);
        var file = new MappedFile(path);
        try
        {
            var index = new MappedIndex(name, file);
            return new SearchIndex(index.header, index.Axes, new Lazy<IndexBlock[]>(index.ReadBlocks), file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether a section follows the one before and is as long as its parts are.</summary>
    private long CheckPlace(FileSection section, long at, long[] parts)
    {
        long bytes = parts.Sum(IndexFileLayout.Align);
        if (section.Offset != at || section.Bytes != bytes || bytes > file.Length - at || parts.Any(part => part > int.MaxValue))
            throw Corrupt($"a section of {section.Bytes} bytes at {section.Offset}; expected {bytes} at {at} of {file.Length}");
        return at + bytes;
    }

    private SketchAxes ReadAxes(FileSection section, int axes, int inputDims, int atoms)
    {
        ReadOnlyMemory<byte>[] parts = Parts(section, IndexFileLayout.AxesParts(axes, inputDims, atoms), "the axes");
        return new SketchAxes(new ByteRows(parts[3], Floats(parts[0])), atoms == 0 ? null : new ByteRows(parts[4], Floats(parts[1])), Floats(parts[2]));
    }

    private IndexBlock[] ReadBlocks()
    {
        var read = new IndexBlock[blocks.Length];
        for (int i = 0; i < blocks.Length; i++)
        {
            FileBlock block = blocks[i];
            ReadOnlyMemory<byte>[] parts = Parts(block.Section, IndexFileLayout.BlockParts(block, Axes is not null, isLarge && Axes is null, header.LatentDims), $"block {i}");
            var records = new CodeRecords(parts[1], block.K, Floats(parts[0]));
            PostingLists? lists = isLarge && Axes is null ? new PostingLists(parts[3], parts[4], Floats(parts[2])) : null;
            if (records.Fault(header.LatentDims) is { } fault)
                throw Corrupt($"block {i}: {fault}");
            if (lists is not null && !lists.IsValid(block.Rows))
                throw Corrupt($"block {i}: its lists name no rows of it");
            read[i] = new IndexBlock(block.First, records, Axes is null ? default : parts[2], lists);
        }
        return read;
    }

    private ReadOnlyMemory<byte>[] Parts(FileSection section, long[] lengths, string what)
    {
        var hash = new XxHash3();
        var parts = new ReadOnlyMemory<byte>[lengths.Length];
        long at = section.Offset;
        for (int i = 0; i < lengths.Length; i++)
        {
            parts[i] = file.Slice(at, lengths[i]);
            hash.Append(parts[i].Span);
            hash.Append(file.Slice(at + lengths[i], IndexFileLayout.Align(lengths[i]) - lengths[i]).Span);
            at += IndexFileLayout.Align(lengths[i]);
        }
        return hash.GetCurrentHashAsUInt64() == section.Hash ? parts : throw Corrupt($"{what} does not fit its checksum");
    }

    private static float[] Floats(ReadOnlyMemory<byte> bytes) => MemoryMarshal.Cast<byte, float>(bytes.Span).ToArray();

    private ModelException Corrupt(string found) => IndexFileLayout.Corrupt(name, found);
}

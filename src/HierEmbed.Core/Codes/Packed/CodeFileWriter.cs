using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace HierEmbed.Core.Codes.Packed;

/// <summary>Writes a <c>.codes</c> file to a stream, which need not seek. Until <see cref="Complete"/> the file is refused by readers.</summary>
/// <remarks>Callers write to a temporary name and move the file. Ids wait in a temporary file; memory holds 8 bytes a row where rows have ids.</remarks>
public sealed class CodeFileWriter : ICodeWriter
{
    private readonly Stream target;
    private readonly byte[] header;
    private readonly PackedCodeWriter packer;
    private readonly byte[] row;
    private readonly XxHash3 rowsHash = new();
    private readonly FileStream idText = TemporaryFile.Create();
    private readonly List<long> idEnds = [];
    private long idBytes;

    /// <summary>Begins a file.</summary>
    /// <param name="target">Receives it; stays open.</param>
    /// <param name="modelId">The model whose dictionary the codes are of.</param>
    /// <param name="coding">How they were made.</param>
    /// <param name="format">How they are packed.</param>
    public CodeFileWriter(Stream target, string modelId, CodeCoding coding, PackedCodeFormat format)
    {
        this.target = target;
        header = CodeFileHeader.Write(modelId, coding, format);
        packer = new PackedCodeWriter(format);
        row = new byte[format.BytesPerVector];
        target.Write(header);
    }

    /// <summary>Rows written so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Packs and writes a row.</summary>
    /// <param name="code">At most k components.</param>
    /// <param name="id">The row's id; null or empty: none.</param>
    public void Add(SparseCode code, string? id = null)
    {
        packer.Write(code, row);
        target.Write(row);
        rowsHash.Append(row);
        Rows++;
        if (string.IsNullOrEmpty(id) && idEnds.Count == 0)
            return;
        // Rows before the first that has an id have none.
        while (idEnds.Count < Rows - 1)
            idEnds.Add(0);
        byte[] text = Encoding.UTF8.GetBytes(id ?? "");
        idText.Write(text);
        idBytes += text.Length;
        idEnds.Add(idBytes);
    }

    /// <summary>Writes ids and footer.</summary>
    public void Complete()
    {
        var idsHash = new XxHash3();
        long sectionBytes = idEnds.Count == 0 ? 0 : (idEnds.Count * sizeof(long)) + idBytes;
        var end = new byte[sizeof(long)];
        foreach (long value in idEnds)
        {
            BinaryPrimitives.WriteInt64LittleEndian(end, value);
            target.Write(end);
            idsHash.Append(end);
        }
        idText.Position = 0;
        var part = new byte[64 * 1024];
        int read;
        while ((read = idText.Read(part)) > 0)
        {
            target.Write(part.AsSpan(0, read));
            idsHash.Append(part.AsSpan(0, read));
        }
        target.Write(new CodeFileFooter(Rows, sectionBytes, rowsHash.GetCurrentHashAsUInt64(), idsHash.GetCurrentHashAsUInt64()).Write(header));
        target.Flush();
    }

    /// <summary>Deletes the temporary file.</summary>
    public void Dispose() => idText.Dispose();
}

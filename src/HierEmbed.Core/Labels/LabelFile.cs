using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Labels;

/// <summary>A file of what is said of rows, as <see cref="LabelSpool"/> writes it: read in order with its hash, or by row.</summary>
public sealed class LabelFile
{
    private readonly string name;
    private readonly Stream stream;
    private readonly byte[] head;

    private LabelFile(string name, Stream stream, byte[] head, int rows) => (this.name, this.stream, this.head, Rows) = (name, stream, head, rows);

    /// <summary>Rows in the file.</summary>
    public int Rows { get; }

    private long TextsAt => head.Length;

    /// <summary>Reads the header and where each row's text stands: 16 bytes a row.</summary>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="stream">Its content; it seeks, and stays the caller's.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ModelException">It is no such file, or a damaged one.</exception>
    public static async Task<LabelFile> OpenAsync(string name, Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[LabelFileLayout.HeaderBytes];
        if (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken) < header.Length || !header.AsSpan().StartsWith(LabelFileLayout.Magic))
            throw Damaged(name, "it does not begin as a label file does");
        long version = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)), rows = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(16));
        if (version != LabelFileLayout.Version)
            throw new ModelException(ProblemTypes.CorruptArtifact, $"{name} is a label file of version {version}; this program reads version {LabelFileLayout.Version}. Use the program that wrote it, or a newer one.");
        if (rows < 0 || rows > (Array.MaxLength - header.Length) / (2 * sizeof(long)) || LabelFileLayout.TextsAt(rows) > stream.Length)
            throw Damaged(name, $"its {stream.Length} bytes do not hold the {rows} rows that it names");
        var head = new byte[LabelFileLayout.TextsAt(rows)];
        header.CopyTo(head, 0);
        await stream.ReadExactlyAsync(head.AsMemory(header.Length), cancellationToken);
        var file = new LabelFile(name, stream, head, (int)rows);
        file.RequireOrder();
        return file;
    }

    /// <summary>Number of a row in the file that it was read from.</summary>
    public long SourceRow(int row) => Number(row);

    /// <summary>What is said of a row.</summary>
    /// <exception cref="ModelException">The file is damaged there.</exception>
    public async Task<RowLabels> ReadAsync(int row, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows);
        var text = new byte[End(row) - End(row - 1)];
        if (text.Length == 0)
            return default;
        stream.Position = TextsAt + End(row - 1);
        await stream.ReadExactlyAsync(text, cancellationToken);
        return Parse(row, text);
    }

    /// <summary>Reads all rows in order.</summary>
    /// <param name="visit">Is given each row's place in this file, its number in the file that it was read from, and what is said of it. Nothing made of that counts before all is read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>SHA-256 of the whole file, hex.</returns>
    /// <exception cref="ModelException">The file is damaged.</exception>
    public async Task<string> ReadAllAsync(Action<int, long, RowLabels> visit, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        stream.Position = TextsAt;
        // The caller's stream stays open: what buffers it is left to the collector.
        var buffered = new BufferedStream(stream, 256 * 1024);
        byte[] text = [];
        for (int row = 0; row < Rows; row++)
        {
            int length = (int)(End(row) - End(row - 1));
            if (text.Length < length)
                text = new byte[length * 2];
            await buffered.ReadExactlyAsync(text.AsMemory(0, length), cancellationToken);
            hash.AppendData(text, 0, length);
            visit(row, SourceRow(row), length == 0 ? default : Parse(row, text.AsSpan(0, length)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private RowLabels Parse(int row, ReadOnlySpan<byte> text) => Parse(name, row, text);

    /// <summary>What a row's text says.</summary>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="row">The row.</param>
    /// <param name="text">Its text; no bytes say nothing.</param>
    /// <exception cref="ModelException">It is damaged.</exception>
    public static RowLabels Parse(string name, int row, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return default;
        try
        {
            return JsonSerializer.Deserialize<RowLabels>(text, Json.Compact);
        }
        catch (JsonException e)
        {
            throw Damaged(name, $"what it says of row {row} is no JSON", e);
        }
    }

    /// <summary>Texts that follow one another up to the file's end, none longer than can be.</summary>
    private void RequireOrder()
    {
        for (int row = 0; row < Rows; row++)
        {
            if (End(row) - End(row - 1) is < 0 or > LabelFileLayout.MaxTextBytes || (row > 0 && SourceRow(row) <= SourceRow(row - 1)))
                throw Damaged(name, $"the entry of row {row} is not behind the one before");
        }
        if (TextsAt + End(Rows - 1) != stream.Length)
            throw Damaged(name, $"it has {stream.Length} bytes, its entries name {TextsAt + End(Rows - 1)}");
    }

    private long End(int row) => row < 0 ? 0 : Number(Rows + row);

    private long Number(int index) => BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(LabelFileLayout.HeaderBytes + (index * sizeof(long))));

    /// <summary>A file that does not hold what was written to it.</summary>
    public static ModelException Damaged(string name, string found, Exception? inner = null) =>
        new(ProblemTypes.CorruptArtifact, $"{name} is damaged: {found}. Delete it and start the run again: it is written anew.", inner);
}

using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Labels;

/// <summary>Collects what is said of rows, in a temporary file from a megabyte on: texts may be many times as large as the vectors that they stand beside.</summary>
/// <param name="folder">Folder of that file; null: the system's folder for temporary files.</param>
public sealed class LabelSpool(string? folder = null) : ILabelSink, IDisposable
{
    /// <summary>Characters of a text that are stored: enough to recognize a row by.</summary>
    public const int MaxTextLength = 1000;

    private const int PieceBytes = 1 << 20;
    private readonly ArrayBufferWriter<byte> pending = new();
    private readonly List<long> ends = [];
    private FileStream? spilled;
    private long spilledBytes;

    /// <summary>Rows that were added.</summary>
    public int Rows => ends.Count;

    /// <summary>Whether nothing is said of any row.</summary>
    public bool IsEmpty => Bytes == 0;

    private long Bytes => spilledBytes + pending.WrittenCount;

    /// <inheritdoc />
    public void Clear()
    {
        ends.Clear();
        pending.ResetWrittenCount();
        spilledBytes = 0;
        spilled?.SetLength(0);
    }

    /// <inheritdoc />
    /// <exception cref="IOException">The disk is full.</exception>
    public void Add(RowLabels labels)
    {
        if (labels != default)
        {
            using var writer = new Utf8JsonWriter(pending, new JsonWriterOptions { Encoder = Json.Compact.Encoder });
            JsonSerializer.Serialize(writer, labels.Cut() with { Text = RowLabels.Cut(labels.Text, MaxTextLength) }, Json.Compact);
        }
        ends.Add(Bytes);
        if (pending.WrittenCount >= PieceBytes)
            Spill();
    }

    /// <summary>What is said of a row that was added.</summary>
    public RowLabels Read(int row)
    {
        long begin = row == 0 ? 0 : ends[row - 1];
        var text = new byte[ends[row] - begin];
        if (text.Length == 0)
            return default;
        // A row is spilled whole or not at all.
        if (begin >= spilledBytes)
        {
            pending.WrittenSpan.Slice((int)(begin - spilledBytes), text.Length).CopyTo(text);
        }
        else
        {
            spilled!.Position = begin;
            spilled.ReadExactly(text);
        }
        return JsonSerializer.Deserialize<RowLabels>(text, Json.Compact);
    }

    /// <summary>Writes a label file, which <see cref="LabelFile"/> reads.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="sourceRows">Number of each row in the file that it was read from, <c>[rows]</c>, ascending.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>SHA-256 of all that was written, hex.</returns>
    public async Task<string> WriteAsync(Stream stream, ReadOnlyMemory<long> sourceRows, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sourceRows.Length, Rows);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        async Task PutAsync(ReadOnlyMemory<byte> bytes)
        {
            hash.AppendData(bytes.Span);
            await stream.WriteAsync(bytes, cancellationToken);
        }
        async Task PutNumbersAsync(Func<int, long> number)
        {
            var piece = new byte[PieceBytes];
            for (int row = 0; row < Rows;)
            {
                int count = Math.Min(Rows - row, PieceBytes / sizeof(long));
                for (int i = 0; i < count; i++, row++)
                    BinaryPrimitives.WriteInt64LittleEndian(piece.AsSpan(i * sizeof(long)), number(row));
                await PutAsync(piece.AsMemory(0, count * sizeof(long)));
            }
        }
        await PutAsync(LabelFileLayout.Header(Rows));
        await PutNumbersAsync(row => sourceRows.Span[row]);
        await PutNumbersAsync(row => ends[row]);
        if (spilledBytes > 0)
        {
            spilled!.Position = 0;
            var piece = new byte[PieceBytes];
            for (long at = 0; at < spilledBytes;)
            {
                int count = (int)Math.Min(spilledBytes - at, PieceBytes);
                await spilled.ReadExactlyAsync(piece.AsMemory(0, count), cancellationToken);
                await PutAsync(piece.AsMemory(0, count));
                at += count;
            }
        }
        await PutAsync(pending.WrittenMemory);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Deletes the temporary file.</summary>
    public void Dispose() => spilled?.Dispose();

    private void Spill()
    {
        if (spilled is null)
        {
            if (folder is not null)
                Directory.CreateDirectory(folder);
            spilled = TemporaryFile.Create(folder);
        }
        spilled.Position = spilledBytes;
        spilled.Write(pending.WrittenSpan);
        spilledBytes += pending.WrittenCount;
        pending.ResetWrittenCount();
    }
}

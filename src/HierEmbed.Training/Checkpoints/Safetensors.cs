using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using HierEmbed.Core.Errors;

namespace HierEmbed.Training.Checkpoints;

/// <summary>Reads and writes the safetensors format: 8 bytes with the header's length, a JSON header, raw little-endian arrays.</summary>
/// <remarks>
/// https://huggingface.co/docs/safetensors. Beyond the format, <c>__metadata__.checksum</c> is the XXH128 of header and arrays
/// (taken with 32 zeros in its own place), so that damage anywhere is found. The reader is told what to expect and holds the file
/// to it: nothing is allocated by a header's word.
/// </remarks>
internal static class Safetensors
{
    /// <summary>A header holds the history of up to 10,000 epochs.</summary>
    private const int MaxHeaderBytes = 16 << 20;

    private const string ChecksumKey = "checksum";
    private static readonly string NoChecksum = new('0', 32);

    /// <summary>Writes a file.</summary>
    public static void Write(Stream stream, IReadOnlyDictionary<string, string> metadata, IReadOnlyList<SafetensorsEntry> entries)
    {
        byte[] header = Header(metadata, entries);
        int at = header.AsSpan().IndexOf(Encoding.ASCII.GetBytes(NoChecksum));
        var hash = new XxHash128();
        hash.Append(header);
        foreach (SafetensorsEntry entry in entries)
            hash.Append(entry.Bytes());
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetCurrentHash())).CopyTo(header, at);

        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (SafetensorsEntry entry in entries)
            stream.Write(entry.Bytes());
    }

    /// <summary>Reads a file's arrays into place after <paramref name="accept"/> has seen its metadata.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="accept">Refuses metadata by throwing; called before any array is touched.</param>
    /// <param name="entries">Every array that the file must hold, in its order.</param>
    /// <exception cref="ModelException">The file is damaged or holds something else.</exception>
    public static void Read(Stream stream, Action<IReadOnlyDictionary<string, string>> accept, IReadOnlyList<SafetensorsEntry> entries)
    {
        byte[] header = ReadHeader(stream);
        Dictionary<string, string> metadata = Parse(header, entries);
        string checksum = metadata.GetValueOrDefault(ChecksumKey) is { Length: 32 } text ? text : throw Corrupt("it has no checksum");
        accept(metadata);

        int at = header.AsSpan().IndexOf(Encoding.ASCII.GetBytes(checksum));
        Encoding.ASCII.GetBytes(NoChecksum).CopyTo(header, at);
        var hash = new XxHash128();
        hash.Append(header);
        foreach (SafetensorsEntry entry in entries)
        {
            Fill(stream, entry.Bytes(), entry.Name);
            hash.Append(entry.Bytes());
        }
        if (stream.ReadByte() >= 0)
            throw Corrupt("bytes follow its last array");
        if (Convert.ToHexStringLower(hash.GetCurrentHash()) != checksum)
            throw Corrupt("its checksum does not match its content");
    }

    /// <summary>Reads a file's metadata and leaves its arrays alone.</summary>
    /// <exception cref="ModelException">The header is damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(Stream stream)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(ReadHeader(stream));
            return document.RootElement.GetProperty("__metadata__").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw Corrupt("its header is not that of a checkpoint", e);
        }
    }

    /// <summary>The error for a checkpoint that cannot be used.</summary>
    public static ModelException Corrupt(string found, Exception? inner = null) =>
        new(ProblemTypes.CorruptArtifact, $"The checkpoint cannot be resumed: {found}. Delete it to resume from the one before, or train anew.", inner);

    private static byte[] Header(IReadOnlyDictionary<string, string> metadata, IReadOnlyList<SafetensorsEntry> entries)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString(ChecksumKey, NoChecksum);
            foreach ((string key, string value) in metadata)
                json.WriteString(key, value);
            json.WriteEndObject();
            long begin = 0;
            foreach (SafetensorsEntry entry in entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Type);
                json.WritePropertyName("shape");
                JsonSerializer.Serialize(json, entry.Shape);
                json.WritePropertyName("data_offsets");
                JsonSerializer.Serialize(json, new[] { begin, begin += entry.Bytes().Length });
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) // arrays start aligned
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static byte[] ReadHeader(Stream stream)
    {
        var prefix = new byte[8];
        Fill(stream, prefix, "header length");
        long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length is < 2 or > MaxHeaderBytes)
            throw Corrupt($"its header declares {length} bytes");
        var header = new MemoryStream();
        var block = new byte[64 << 10];
        while (header.Length < length)
        {
            int read = stream.Read(block, 0, (int)Math.Min(block.Length, length - header.Length));
            if (read == 0)
                throw Corrupt("it ends inside its header");
            header.Write(block, 0, read);
        }
        return header.ToArray();
    }

    private static Dictionary<string, string> Parse(byte[] header, IReadOnlyList<SafetensorsEntry> entries)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(header);
            JsonElement root = document.RootElement;
            var metadata = root.GetProperty("__metadata__").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "");
            if (root.EnumerateObject().Count() != entries.Count + 1)
                throw Corrupt("it does not hold the arrays of this recipe");
            long begin = 0;
            foreach (SafetensorsEntry entry in entries)
            {
                JsonElement found = root.GetProperty(entry.Name);
                long end = begin + entry.Bytes().Length;
                if (found.GetProperty("dtype").GetString() != entry.Type
                    || !found.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64()).SequenceEqual(entry.Shape)
                    || !found.GetProperty("data_offsets").EnumerateArray().Select(v => v.GetInt64()).SequenceEqual([begin, end]))
                    throw Corrupt($"its array {entry.Name} has another type, shape or place than this recipe's");
                begin = end;
            }
            return metadata;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Corrupt("its header is not that of a checkpoint", e);
        }
    }

    private static void Fill(Stream stream, Span<byte> destination, string what)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            throw Corrupt($"it ends inside its {what}");
    }
}

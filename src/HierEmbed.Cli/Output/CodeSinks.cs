using System.Buffers;
using System.Text;
using System.Text.Json;
using HierEmbed.Cli.Output.Sinks;
using HierEmbed.Core;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Cli.Output;

/// <summary>Formats that codes are written in, by the file's extension.</summary>
internal static class CodeSinks
{
    /// <summary>Extensions, as a message names them.</summary>
    private const string Known = ".npz, .parquet, .jsonl, .qdrant.jsonl, .tsv (pgvector) or .codes";

    /// <summary>The file's format.</summary>
    /// <exception cref="UsageException">Its extension is that of none.</exception>
    public static CodeFileKind KindOf(string path)
    {
        if (path.EndsWith(".qdrant.jsonl", StringComparison.OrdinalIgnoreCase))
            return CodeFileKind.Qdrant;
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npz" => CodeFileKind.Npz,
            ".parquet" => CodeFileKind.Parquet,
            ".jsonl" or ".ndjson" => CodeFileKind.JsonLines,
            ".tsv" => CodeFileKind.Pgvector,
            ".codes" => CodeFileKind.Packed,
            string other => throw new UsageException($"--out ends in \"{other}\"; expected {Known}."),
        };
    }

    /// <summary>Opens a file of any format but <see cref="CodeFileKind.Packed"/>.</summary>
    public static ICodeSink Open(string path, int latentDims) => KindOf(path) switch
    {
        CodeFileKind.Npz => new NpzSink(path, latentDims),
        CodeFileKind.Parquet => new BinarySink(path, stream => new CodeParquetWriter(stream)),
        CodeFileKind.JsonLines => new LineSink(path, JsonLine),
        CodeFileKind.Qdrant => new LineSink(path, QdrantPoint),
        CodeFileKind.Pgvector => new LineSink(path, PgvectorLine),
        CodeFileKind kind => throw new ArgumentException($"{kind} needs a model and a format.", nameof(path)),
    };

    /// <summary>Opens a <c>.codes</c> file.</summary>
    public static ICodeSink OpenPacked(string path, string modelId, CodeCoding coding, PackedCodeFormat format) =>
        new BinarySink(path, stream => new CodeFileWriter(stream, modelId, coding, format));

    private static string JsonLine(long row, SparseCode code, string? id) =>
        JsonSerializer.Serialize(new { id, k = code.Indices.Length, dims = code.Dims, indices = code.Indices, values = code.Values, norm = code.Norm }, Json.Compact);

    // Qdrant's own ids are numbers or UUIDs, so the row's number is the point's id and the file's id goes into the payload.
    private static string QdrantPoint(long row, SparseCode code, string? id)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id"u8, row);
            writer.WriteStartObject("vector"u8);
            writer.WriteStartObject("code"u8);
            CodeText.WriteIndicesAndValues(writer, code);
            writer.WriteEndObject();
            writer.WriteEndObject();
            if (id is not null)
            {
                writer.WriteStartObject("payload"u8);
                writer.WriteString("id"u8, id);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    // The text format of PostgreSQL's COPY: backslashes, tabs and line ends are escaped, null is \N.
    private static string PgvectorLine(long row, SparseCode code, string? id) =>
        $"{id?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal) ?? "\\N"}\t{CodeText.ToSparsevec(code)}";
}

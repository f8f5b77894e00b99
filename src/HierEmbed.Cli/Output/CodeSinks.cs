using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Codes;

namespace HierEmbed.Cli.Output;

/// <summary>Formats that codes are written in, by the file's extension.</summary>
internal static class CodeSinks
{
    /// <summary>Refuses a file that no format is known for.</summary>
    /// <exception cref="UsageException">Its extension is none of those.</exception>
    public static void RequireKnown(string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".npz" or ".jsonl" or ".ndjson"))
            throw new UsageException($"--out ends in \"{Path.GetExtension(path)}\"; expected .npz or .jsonl.");
    }

    public static ICodeSink Open(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npz" => new NpzSink(path),
        ".jsonl" or ".ndjson" => new JsonLinesSink(path),
        string other => throw new ArgumentException($"No format ends in \"{other}\".", nameof(path)),
    };

    /// <summary>Writes to a temporary name beside the path and moves it there at the end.</summary>
    private sealed class PendingFile(string path) : IDisposable
    {
        // In the nearest folder that is there: the same disk, and no folder is left behind where nothing comes of it.
        private readonly string temporary = Path.Combine(Nearest(Path.GetDirectoryName(path)!), $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");

        public FileStream Create() => File.Create(temporary);

        public void Appear()
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(temporary, path, overwrite: true);
        }

        public void Dispose() => File.Delete(temporary);

        private static string Nearest(string folder) => Directory.Exists(folder) ? folder : Nearest(Path.GetDirectoryName(folder)!);
    }

    private sealed class NpzSink(string path) : ICodeSink
    {
        private readonly PendingFile file = new(path);
        private CsrNpzWriter? rows;

        public void Add(SparseCode code, string? id) => (rows ??= new CsrNpzWriter(code.Dims)).Add(code);

        public void Complete()
        {
            using (FileStream stream = file.Create())
                rows!.WriteTo(stream);
            file.Appear();
        }

        public void Dispose()
        {
            rows?.Dispose();
            file.Dispose();
        }
    }

    private sealed class JsonLinesSink : ICodeSink
    {
        private readonly PendingFile file;
        private readonly StreamWriter writer;

        public JsonLinesSink(string path)
        {
            file = new PendingFile(path);
            writer = new StreamWriter(file.Create());
        }

        public void Add(SparseCode code, string? id) =>
            writer.WriteLine(JsonSerializer.Serialize(new { id, k = code.Indices.Length, dims = code.Dims, indices = code.Indices, values = code.Values, norm = code.Norm }, Json.Compact));

        public void Complete()
        {
            writer.Dispose();
            file.Appear();
        }

        public void Dispose()
        {
            writer.Dispose();
            file.Dispose();
        }
    }
}

using System.CommandLine;
using System.Text.Json;
using HierEmbed.Cli.Coding;
using HierEmbed.Cli.Output;
using HierEmbed.Core;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Serving.Coding;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed encode</c>: a model's folder and embedding files in, codes out.</summary>
internal static class EncodeCommand
{
    /// <summary>What <c>--json</c> prints.</summary>
    private sealed record EncodedFile(string File, long Rows, int Dims, int K, int? Prefix, string ModelId, CodeCoding Coding, int? BytesPerVector);

    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Folder of a model, as train --out or the pipeline leaves it." };
        var files = new FilesArgument("Embedding files, or folders of them.");
        var k = new WholeNumberOption("--k", "Active components to keep (default: the largest that the model was trained for).", 1, int.MaxValue);
        var bytes = new WholeNumberOption("--bytes", "Bytes of a packed code instead of --k: as many components as fit.", 1, 65536);
        var coding = new Option<CodeCoding?>("--coding")
        {
            Description = "encoder: the model's one matrix product, for codes that are compared with codes (default). "
                + "pursuit: the best code for a vector that is stored and scored against dense queries (default with --bytes or .codes).",
            HelpName = "pursuit|encoder",
        };
        var prefix = new WholeNumberOption("--prefix", "Only the first so many latents.", 1, int.MaxValue);
        var output = new PathOption("--out", "file", "codes.npz (scipy.sparse CSR), .parquet, .jsonl, .qdrant.jsonl (points), .tsv (pgvector, for COPY) or .codes (packed).") { Required = true };
        var json = new Option<bool>("--json") { Description = "What was written as one JSON document on standard output." };
        var command = new Command("encode", "Turn embeddings into sparse codes.") { model, files, k, bytes, coding, prefix, output, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = Path.GetFullPath(parsed.GetValue(output)!), folder = parsed.GetValue(model)!;
            bool packed = CodeSinks.KindOf(path) == CodeFileKind.Packed;
            int? wantedK = (int?)parsed.GetValue(k), wantedBytes = (int?)parsed.GetValue(bytes), first = (int?)parsed.GetValue(prefix);
            if (wantedK is not null && wantedBytes is not null)
                throw new UsageException("--k and --bytes are both given; expected one: each follows from the other.");
            HierEmbedOptions settings = Settings.Load();
            using EncoderModel encoder = await EncoderModelLoader.LoadFolderAsync(folder, settings.Threads, cancellationToken);
            RequireIn("--k", wantedK ?? encoder.DefaultK, encoder.LatentDims);
            RequireIn("--prefix", first ?? 1, encoder.LatentDims);
            IRowCoding coder = (parsed.GetValue(coding) ?? (packed || wantedBytes is not null ? CodeCoding.Pursuit : CodeCoding.Encoder)) == CodeCoding.Encoder
                ? new EncoderCoding(encoder, first)
                : new PursuitCoding((await DictionaryLoader.LoadFolderAsync(folder, encoder.Manifest, cancellationToken)).Prefix(first ?? encoder.LatentDims), settings.Threads);
            PackingTable? packing = coder.Kind == CodeCoding.Pursuit && coder.LatentDims == encoder.LatentDims ? await PackingLoader.FindFolderAsync(folder, encoder.Manifest, cancellationToken) : null;
            using var work = new EncodeWork(coder, packing, encoder, path, packed, wantedBytes is null ? Math.Min(wantedK ?? encoder.DefaultK, coder.LatentDims) : null, wantedBytes);
            foreach (EmbeddingBatch batch in new RowFiles(encoder, settings.ScratchPath).Read(InputFiles.Expand(parsed.GetValue(files)!), cancellationToken))
                work.Encode(batch);
            (long rows, int kept, int? size) = work.Complete();
            string stored = size is null ? "" : $" in {size} bytes";
            Console.Error.WriteLine($"{rows} codes of at most {kept} active components out of {encoder.LatentDims}{stored}, model {encoder.Manifest.ModelId}");
            Console.Out.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new EncodedFile(path, rows, encoder.LatentDims, kept, first, encoder.Manifest.ModelId, coder.Kind, size), Json.Indented)
                : path);
            return ExitCode.Done;
        });
        return command;
    }

    private static void RequireIn(string option, int value, int latentDims)
    {
        if (value < 1 || value > latentDims)
            throw new UsageException($"{option} is {value}; expected 1 to {latentDims}, the model's latents.");
    }

    /// <summary>One call's files, going into one file of codes.</summary>
    private sealed class EncodeWork(IRowCoding coder, PackingTable? packing, EncoderModel encoder, string path, bool packed, int? k, int? bytes) : IDisposable
    {
        private PackedCodeFormat? format;
        private ICodeSink? sink;
        private long rows;

        public void Encode(EmbeddingBatch batch)
        {
            ICodeSink target = sink ??= Open(batch);
            SparseCode[] codes = format is null ? coder.Encode(batch.Values, batch.Count, k!.Value) : coder.Encode(batch.Values, batch.Count, format);
            // A prefix's codes are codes of all latents, but where fewer make shorter rows.
            int dims = packed ? coder.LatentDims : encoder.LatentDims;
            for (int row = 0; row < codes.Length; row++)
                target.Add(codes[row].Dims == dims ? codes[row] : codes[row] with { Dims = dims }, batch.Labels[row].Id);
            rows += codes.Length;
        }

        public (long Rows, int K, int? BytesPerVector) Complete()
        {
            sink!.Complete();
            return (rows, format?.K ?? k!.Value, format?.BytesPerVector);
        }

        public void Dispose() => sink?.Dispose();

        private ICodeSink Open(EmbeddingBatch batch)
        {
            if (packed || bytes is not null)
                format = PackingChoice.Of(coder, packing, batch, k, bytes);
            return packed ? CodeSinks.OpenPacked(path, encoder.Manifest.ModelId, coder.Kind, format!) : CodeSinks.Open(path, encoder.LatentDims);
        }
    }
}

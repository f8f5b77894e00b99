using System.CommandLine;
using System.Text.Json;
using HierEmbed.Cli.Output;
using HierEmbed.Core;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Serving.Coding;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed encode</c>: a model's folder and embedding files in, codes out.</summary>
internal static class EncodeCommand
{
    private const int BatchRows = 512;

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
            // Codes answer to rows by position, so a row that cannot be coded is an error here and not left out.
            var options = new ReaderOptions { MaxRejectedFraction = 0, RejectZeroRows = encoder.NormalizesRows, SpoolFolder = settings.ScratchPath };
            using var work = new EncodeWork(coder, packing, encoder, options, path, packed, wantedBytes is null ? Math.Min(wantedK ?? encoder.DefaultK, coder.LatentDims) : null, wantedBytes);
            foreach (string file in InputFiles.Expand(parsed.GetValue(files)!))
                work.EncodeFile(file, cancellationToken);
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
    private sealed class EncodeWork(IRowCoding coder, PackingTable? packing, EncoderModel encoder, ReaderOptions options, string path, bool packed, int? k, int? bytes) : IDisposable
    {
        private readonly EmbeddingBatch batch = new(BatchRows, encoder.InputDims);
        private PackedCodeFormat? format;
        private ICodeSink? sink;
        private long rows;

        public void EncodeFile(string file, CancellationToken cancellationToken)
        {
            string shown = InputFiles.Shown(file);
            using IEmbeddingReader reader = EmbeddingReaders.Open(shown, File.OpenRead(file), options, cancellationToken);
            if (reader.Info.Dims != encoder.InputDims)
                throw new EmbeddingFileException(ProblemTypes.WrongDimensions, shown,
                    $"the file has {reader.Info.Dims} dimensions, model {encoder.Manifest.ModelId} takes {encoder.InputDims}. Use the model that was trained on these embeddings.");
            while (reader.Read(batch, cancellationToken))
            {
                ICodeSink target = sink ??= Open();
                SparseCode[] codes = format is null ? coder.Encode(batch.Values, batch.Count, k!.Value) : coder.Encode(batch.Values, batch.Count, format);
                // A prefix's codes are codes of all latents, but where fewer make shorter rows.
                for (int row = 0; row < codes.Length; row++)
                    target.Add(codes[row] with { Dims = packed ? coder.LatentDims : encoder.LatentDims }, batch.Labels[row].Id);
                rows += codes.Length;
            }
        }

        public (long Rows, int K, int? BytesPerVector) Complete()
        {
            (sink ??= Open()).Complete();
            return (rows, format?.K ?? k!.Value, format?.BytesPerVector);
        }

        public void Dispose() => sink?.Dispose();

        private ICodeSink Open()
        {
            if (packed || bytes is not null)
                format = FitFormat();
            return packed ? CodeSinks.OpenPacked(path, encoder.Manifest.ModelId, coder.Kind, format!) : CodeSinks.Open(path, encoder.LatentDims);
        }

        // Levels are the model's. One that has none of this length, and codes of the encoder or of a prefix, have them fitted to the first rows:
        // they depend on how values spread, which rows of one model share.
        private PackedCodeFormat FitFormat()
        {
            if ((bytes is { } wanted ? packing?.Find(wanted) : packing?.FindK(k!.Value)) is { } stored)
                return stored;
            SparseCode[] CodesAt(int components) => coder.Encode(batch.Values, batch.Count, components);
            if (bytes is not { } length)
                return PackedCodeFormat.FitForK(coder.LatentDims, k!.Value, CodesAt);
            return PackedCodeFormat.HasRoom(coder.LatentDims, length)
                ? PackedCodeFormat.FitForBytes(coder.LatentDims, length, CodesAt)
                : throw new UsageException($"--bytes is {length}; a code of {coder.LatentDims} latents needs more for one component.");
        }
    }
}

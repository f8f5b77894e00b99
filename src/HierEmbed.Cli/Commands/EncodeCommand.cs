using System.CommandLine;
using System.Text.Json;
using HierEmbed.Cli.Output;
using HierEmbed.Core;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed encode</c>: a model's folder and embedding files in, codes out.</summary>
internal static class EncodeCommand
{
    private const int BatchRows = 512;

    /// <summary>What <c>--json</c> prints.</summary>
    private sealed record EncodedFile(string File, long Rows, int Dims, int K, int? Prefix, string ModelId);

    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Folder of a model, as train --out or the pipeline leaves it." };
        var files = new FilesArgument("Embedding files, or folders of them.");
        var k = new WholeNumberOption("--k", "Active components to keep (default: the largest that the model was trained for).", 1, int.MaxValue);
        var prefix = new WholeNumberOption("--prefix", "Only the first so many latents.", 1, int.MaxValue);
        var output = new PathOption("--out", "file", "codes.npz (scipy.sparse CSR) or codes.jsonl.") { Required = true };
        var json = new Option<bool>("--json") { Description = "What was written as one JSON document on standard output." };
        var command = new Command("encode", "Turn embeddings into sparse codes.") { model, files, k, prefix, output, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = Path.GetFullPath(parsed.GetValue(output)!);
            CodeSinks.RequireKnown(path);
            using EncoderModel encoder = await EncoderModelLoader.LoadFolderAsync(parsed.GetValue(model)!, Settings.Load().Threads, cancellationToken);
            int kept = (int?)parsed.GetValue(k) ?? encoder.DefaultK;
            int? first = (int?)parsed.GetValue(prefix);
            RequireIn("--k", kept, encoder.LatentDims);
            RequireIn("--prefix", first ?? 1, encoder.LatentDims);
            long rows = 0;
            using ICodeSink sink = CodeSinks.Open(path);
            foreach (string file in InputFiles.Expand(parsed.GetValue(files)!))
                rows += EncodeFile(encoder, file, kept, first, sink, cancellationToken);
            sink.Complete();
            Console.Error.WriteLine($"{rows} codes of at most {kept} active components out of {encoder.LatentDims}, model {encoder.Manifest.ModelId}");
            Console.Out.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new EncodedFile(path, rows, encoder.LatentDims, kept, first, encoder.Manifest.ModelId), Json.Indented)
                : path);
            return ExitCode.Done;
        });
        return command;
    }

    private static long EncodeFile(EncoderModel encoder, string file, int k, int? prefix, ICodeSink sink, CancellationToken cancellationToken)
    {
        // Codes answer to rows by position, so a row that cannot be coded is an error here and not left out.
        var options = new ReaderOptions { MaxRejectedFraction = 0, RejectZeroRows = encoder.NormalizesRows };
        string shown = InputFiles.Shown(file);
        using IEmbeddingReader reader = EmbeddingReaders.Open(shown, File.OpenRead(file), options, cancellationToken);
        if (reader.Info.Dims != encoder.InputDims)
            throw new EmbeddingFileException(ProblemTypes.WrongDimensions, shown,
                $"the file has {reader.Info.Dims} dimensions, model {encoder.Manifest.ModelId} takes {encoder.InputDims}. Use the model that was trained on these embeddings.");
        var batch = new EmbeddingBatch(BatchRows, encoder.InputDims);
        long rows = 0;
        while (reader.Read(batch, cancellationToken))
        {
            SparseCode[] codes = encoder.EncodeToCodes(batch.Values, batch.Count, k, prefix);
            for (int row = 0; row < codes.Length; row++)
                sink.Add(CodeTruncation.ToUnitNorm(codes[row]), batch.Labels[row].Id);
            rows += codes.Length;
        }
        return rows;
    }

    private static void RequireIn(string option, int value, int latentDims)
    {
        if (value < 1 || value > latentDims)
            throw new UsageException($"{option} is {value}; expected 1 to {latentDims}, the model's latents.");
    }
}

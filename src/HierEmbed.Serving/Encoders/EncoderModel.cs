using System.Buffers;
using HierEmbed.Core;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace HierEmbed.Serving.Encoders;

/// <summary>One published version, loaded: embeddings in, pre-activations or codes out. Safe for concurrent calls.</summary>
/// <remarks>The graph computes a = W·x' + b from the raw embedding; L2 normalization and the scaler are inside it. The k largest components
/// are selected here: TopK inside the graph costs up to half the throughput.</remarks>
public sealed class EncoderModel : IDisposable
{
    /// <summary>The newest manifest layout that this program reads.</summary>
    public const int KnownFormatVersion = 1;

    /// <summary>Rows of one run of the graph at most; larger batches get slower a row.</summary>
    public const int ChunkRows = 512;

    /// <summary>The same for an int8 encoder: what lies between its nodes, 16 KB a row at 4096 latents, stays in the caches.</summary>
    private const int QuantizedChunkRows = 128;

    /// <summary>Rows from which on several threads select.</summary>
    private const int MinParallelRows = 32;

    /// <summary>Name of the graph's input, <c>[batch, inputDims]</c>.</summary>
    public const string InputName = "embedding";

    /// <summary>Name of the graph's output, <c>[batch, latentDims]</c>.</summary>
    public const string OutputName = "pre_activations";

    /// <summary>Key of the graph's metadata that holds <see cref="ModelManifest.ModelId"/>.</summary>
    public const string ModelIdKey = "model_id";

    private static readonly string[] InputNames = [InputName];
    private static readonly string[] OutputNames = [OutputName];

    private readonly InferenceSession session;
    private readonly RunOptions run = new();
    private readonly ParallelOptions selection;
    private readonly int chunkRows;
    private volatile bool disposed;

    private EncoderModel(ModelManifest manifest, InferenceSession session, int threads)
    {
        Manifest = manifest;
        this.session = session;
        selection = new ParallelOptions { MaxDegreeOfParallelism = threads };
        chunkRows = manifest.Recipe.Recipe.EncoderPrecision == EncoderPrecision.Int8 ? QuantizedChunkRows : ChunkRows;
    }

    /// <summary>What the version says of itself.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>Length of an embedding.</summary>
    public int InputDims => Manifest.Recipe.InputDims;

    /// <summary>Length of a code.</summary>
    public int LatentDims => Manifest.Recipe.LatentDims;

    /// <summary>How pre-activations become a code.</summary>
    public CodeActivation Activation => Manifest.Recipe.Recipe.Activation;

    /// <summary>Whether the graph divides each row by its length, so that a row of zeros has no code.</summary>
    public bool NormalizesRows => Manifest.Recipe.Recipe.L2Normalize;

    /// <summary>Active components where a caller asks for no number: the largest that was trained.</summary>
    public int DefaultK => Math.Min(LatentDims, Manifest.Recipe.Recipe.TrainKs is { Count: > 0 } ks ? ks.Max() : 32);

    /// <summary>Opens a session on a graph that belongs to a manifest.</summary>
    internal static EncoderModel Create(ModelManifest manifest, byte[] graph, string source, int threads)
    {
        OnnxTelemetry.TurnOff();
        threads = threads > 0 ? threads : Math.Min(Environment.ProcessorCount, 4);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Idle threads sleep: a spinning pool takes the cores of a training in the same process.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        InferenceSession session;
        try
        {
            session = new InferenceSession(graph, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw EncoderModelLoader.Corrupt(source, "the encoder graph cannot be opened", e);
        }
        if (Mismatch(manifest, session) is { } mismatch)
        {
            session.Dispose();
            throw EncoderModelLoader.Corrupt(source, mismatch);
        }
        return new EncoderModel(manifest, session, threads);
    }

    /// <summary>Computes the pre-activations of rows, in chunks of at most <see cref="ChunkRows"/>.</summary>
    /// <param name="rows">Embeddings, finite, <c>[rowCount, inputDims]</c>.</param>
    /// <param name="rowCount">Rows, from 0.</param>
    /// <param name="take">Called once a row, in order.</param>
    /// <exception cref="ArgumentException">rows is not rowCount × inputDims long.</exception>
    /// <exception cref="ObjectDisposedException">The model is closed.</exception>
    public void Encode(ReadOnlySpan<float> rows, int rowCount, PreActivationRow take) => EncodeChunks(rows, rowCount, (first, count, latents) =>
    {
        for (int row = 0; row < count; row++)
            take(first + row, latents.AsSpan(row * LatentDims, LatentDims));
    });

    /// <summary>Codes of rows: the k largest components of each, not scaled.</summary>
    /// <param name="rows">Embeddings, finite, <c>[rowCount, inputDims]</c>.</param>
    /// <param name="rowCount">Rows, from 0.</param>
    /// <param name="k">Active components to keep, 1 to latentDims.</param>
    /// <param name="prefix">Only the first so many latents are looked at, 1 to latentDims; null: all.</param>
    public SparseCode[] EncodeToCodes(ReadOnlySpan<float> rows, int rowCount, int k, int? prefix = null)
    {
        var codes = new SparseCode[rowCount];
        EncodeChunks(rows, rowCount, (first, count, latents) =>
        {
            void Select(int row) => codes[first + row] = CodeTruncation.KeepLargest(latents.AsSpan(row * LatentDims, LatentDims), k, Activation, prefix);
            // The session's threads are asleep meanwhile: there are never more at work than the setting says.
            if (count >= MinParallelRows && selection.MaxDegreeOfParallelism > 1)
            {
                Parallel.For(0, count, selection, Select);
                return;
            }
            for (int row = 0; row < count; row++)
                Select(row);
        });
        return codes;
    }

    /// <summary>Closes the session. No call may be at work: a catalog's leases see to that.</summary>
    public void Dispose()
    {
        disposed = true;
        session.Dispose();
        run.Dispose();
    }

    /// <param name="rows">Embeddings, <c>[rowCount, inputDims]</c>.</param>
    /// <param name="rowCount">Rows, from 0.</param>
    /// <param name="take">Takes the first row's number, how many rows there are, and their pre-activations, <c>[count, latentDims]</c>, valid during the call.</param>
    private unsafe void EncodeChunks(ReadOnlySpan<float> rows, int rowCount, Action<int, int, float[]> take)
    {
        // The native session would be read after it is freed.
        ObjectDisposedException.ThrowIf(disposed, this);
        if (rows.Length != (long)rowCount * InputDims)
            throw new ArgumentException($"{rows.Length} values are not {rowCount} rows of {InputDims}.", nameof(rows));
        float[] latents = ArrayPool<float>.Shared.Rent(Math.Min(rowCount, chunkRows) * LatentDims);
        try
        {
            for (int first = 0; first < rowCount; first += chunkRows)
            {
                int count = Math.Min(chunkRows, rowCount - first);
                fixed (float* input = rows.Slice(first * InputDims, count * InputDims))
                fixed (float* output = latents)
                    Run(input, output, count);
                take(first, count, latents);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(latents);
        }
    }

    private unsafe void Run(float* input, float* output, int count)
    {
        using OrtValue from = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.Float,
            [count, InputDims], (nint)input, (long)count * InputDims * sizeof(float));
        using OrtValue to = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.Float,
            [count, LatentDims], (nint)output, (long)count * LatentDims * sizeof(float));
        session.Run(run, InputNames, [from], OutputNames, [to]);
    }

    private static string? Mismatch(ModelManifest manifest, InferenceSession session)
    {
        if (!session.InputMetadata.TryGetValue(InputName, out NodeMetadata? input) || !session.OutputMetadata.TryGetValue(OutputName, out NodeMetadata? output))
            return $"the encoder graph has no input {InputName} or no output {OutputName}";
        if (input.Dimensions is not [_, var inputDims] || output.Dimensions is not [_, var latentDims]
            || inputDims != manifest.Recipe.InputDims || latentDims != manifest.Recipe.LatentDims
            || input.ElementDataType != TensorElementType.Float || output.ElementDataType != TensorElementType.Float)
            return $"the encoder graph is not float32 {manifest.Recipe.InputDims} to {manifest.Recipe.LatentDims}, as the manifest says";
        string? modelId = session.ModelMetadata.CustomMetadataMap.GetValueOrDefault(ModelIdKey);
        return modelId == manifest.ModelId ? null : $"the encoder graph was made for \"{modelId}\", the manifest for \"{manifest.ModelId}\"";
    }
}

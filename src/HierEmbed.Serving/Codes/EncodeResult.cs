using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Json;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Models;
using HierEmbed.Core.Numpy;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Http;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Codes;

/// <summary>Encodes the rows of a request and writes the codes as they come, so that a large answer is never whole in memory.</summary>
/// <param name="lease">The version; held until the answer is out.</param>
/// <param name="dictionary">Its dictionary, where the options need it: the part that <see cref="PursuitRows.PrefixOf"/> names.</param>
/// <param name="rows">The embeddings, checked.</param>
/// <param name="options">What the client wants.</param>
/// <param name="mediaType">How the answer travels.</param>
/// <param name="threads">Threads that pursuit works on; 0: one a core.</param>
internal sealed class EncodeResult(ModelLease lease, LinearDecoder? dictionary, VectorRows rows, EncodeOptions options, string mediaType, int threads) : IResult
{
    // Numbers that are written between two flushes: about a megabyte of JSON.
    private const int FlushNumbers = 100_000;

    private readonly EncoderModel model = lease.Model;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.ContentType = mediaType;
        PipeWriter body = response.BodyWriter;
        CancellationToken aborted = httpContext.RequestAborted;
        if (mediaType == MediaTypes.Npy)
        {
            using var header = new MemoryStream();
            NpyWriter.WriteHeader<float>(header, rows.Count, model.LatentDims);
            response.ContentLength = header.Length + ((long)rows.Count * model.LatentDims * sizeof(float));
            await body.WriteAsync(header.ToArray(), aborted);
        }
        bool json = mediaType == MediaTypes.Json;
        // Lines are separate documents to the writer's grammar, and the order of the rest is fixed below. Never disposed: after a fault that would
        // put what was written before it in front of the problem.
        var writer = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        if (json)
            WriteHead(writer);
        int perRow = options.Format == CodeFormat.Dense || mediaType == MediaTypes.Npy ? model.LatentDims * Math.Max(1, options.Ks.Length) : 2 * options.Ks.Sum();
        PursuitRows? pursuit = dictionary is null ? null : new PursuitRows(dictionary, model.LatentDims, options, threads);
        int chunk = Math.Clamp(FlushNumbers / perRow, 1, EncoderModel.ChunkRows);
        // Codes wait for their turn to be written sparse: many of them are little memory, and fill all products even where few make an answer's chunk.
        int step = pursuit is null ? Math.Max(chunk, lease.Queue.RowsAtOnce) : chunk;
        for (int first = 0; first < rows.Count; first += step)
        {
            int count = Math.Min(step, rows.Count - first);
            if (options.Side == EncodeSide.Query)
                pursuit!.Project(rows.Slice(first, count), count, query => WriteQuery(query, writer, body));
            else if (pursuit is not null)
                pursuit.Code(rows.Slice(first, count), count, codes => WriteCodes(codes, writer, body));
            else
                await EncodeAsync(first, count, chunk, writer, body, aborted);
            writer.Flush();
            // The last of it goes out with the answer's end.
            if (first + count < rows.Count)
                await body.FlushAsync(aborted);
        }
        if (json)
        {
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.Flush();
        }
        // Kestrel flushes an answer of a known length no further than it was told to.
        if (mediaType == MediaTypes.Npy)
            await body.FlushAsync(aborted);
        else
            await response.CompleteAsync();
    }

    private async Task EncodeAsync(int first, int count, int flushRows, Utf8JsonWriter writer, PipeWriter body, CancellationToken aborted)
    {
        int ks = options.Ks.Length;
        var codes = new SparseCode[count * ks];
        await lease.Queue.EncodeAsync(rows.Memory(first, count), count, (row, preActivations) => options.Select(preActivations, model.Activation, codes.AsSpan(row * ks, ks)), aborted);
        for (int row = 0; row < count; row++)
        {
            if (row > 0 && row % flushRows == 0)
            {
                writer.Flush();
                await body.FlushAsync(aborted);
            }
            WriteCodes(codes.AsSpan(row * ks, ks), writer, body);
        }
    }

    private void WriteHead(Utf8JsonWriter writer)
    {
        ModelManifest manifest = model.Manifest;
        writer.WriteStartObject();
        writer.WriteString("model"u8, manifest.Dataset);
        writer.WriteString("modelVersion"u8, manifest.Version);
        writer.WriteString("format"u8, JsonNamingPolicy.CamelCase.ConvertName(options.Format.ToString()));
        writer.WriteString("coding"u8, JsonNamingPolicy.CamelCase.ConvertName(options.Coding.ToString()));
        writer.WriteString("side"u8, JsonNamingPolicy.CamelCase.ConvertName(options.Side.ToString()));
        writer.WriteStartArray("ks"u8);
        foreach (int k in options.Ks)
            writer.WriteNumberValue(k);
        writer.WriteEndArray();
        writer.WriteStartArray("codes"u8);
    }

    private void WriteQuery(ProjectedQuery query, Utf8JsonWriter writer, PipeWriter body)
    {
        int dims = options.Prefix ?? model.LatentDims;
        writer.WriteStartObject();
        writer.WriteNumber("dims"u8, dims);
        writer.WriteStartArray("values"u8);
        foreach (float value in query.Products.AsSpan(0, dims))
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
        writer.WriteNumber("mean"u8, query.MeanProduct);
        writer.WriteEndObject();
        EndLine(writer, body);
    }

    private void WriteCodes(ReadOnlySpan<SparseCode> codes, Utf8JsonWriter writer, PipeWriter body)
    {
        if (mediaType == MediaTypes.Npy)
        {
            WriteFloats(codes[0], body);
            return;
        }
        if (options.Several)
            writer.WriteStartArray();
        for (int i = 0; i < codes.Length; i++)
            CodeJson.Write(writer, codes[i], options.Ks[i], options.Format);
        if (options.Several)
            writer.WriteEndArray();
        EndLine(writer, body);
    }

    private void EndLine(Utf8JsonWriter writer, PipeWriter body)
    {
        if (mediaType != MediaTypes.NdJson)
            return;
        writer.Flush();
        writer.Reset();
        body.Write("\n"u8);
    }

    private static void WriteFloats(SparseCode code, PipeWriter body)
    {
        int bytes = code.Dims * sizeof(float);
        Span<byte> target = body.GetSpan(bytes)[..bytes];
        target.Clear();
        for (int i = 0; i < code.Indices.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(target[(code.Indices[i] * sizeof(float))..], code.Values[i]);
        body.Advance(bytes);
    }
}

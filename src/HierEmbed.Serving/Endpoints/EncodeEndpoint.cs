using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Codes;
using HierEmbed.Serving.Http;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Endpoints;

/// <summary>Embeddings in, codes out.</summary>
/// <param name="catalog">Hands out the model.</param>
/// <param name="options">Limits of the body.</param>
public sealed class EncodeEndpoint(ModelCatalog catalog, HierEmbedOptions options)
{
    /// <summary>Encodes the embeddings of the body.</summary>
    public async Task<IResult> EncodeAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        string mediaType = MediaTypes.OfBody(request, MediaTypes.Json, MediaTypes.NdJson, MediaTypes.Npy);
        ModelLease lease = await catalog.AcquireAsync(dataset, request.Query["version"].FirstOrDefault(), cancellationToken);
        // Held until the answer is out, which is after this method has returned.
        request.HttpContext.Response.RegisterForDispose(lease);
        var rows = new VectorRows(lease.Model, options.MaxRequestRows);
        request.HttpContext.Response.RegisterForDispose(rows);
        var fields = new RequestFields(EncodeOptions.Names).AddQuery(request);
        using (RequestBody body = await RequestBody.ReadAsync(request, options.MaxBodyBytes, cancellationToken))
        {
            if (mediaType == MediaTypes.Json)
                EncodeBody.ReadJson(body.Span, rows, fields);
            else if (mediaType == MediaTypes.NdJson)
                EncodeBody.ReadLines(body.Span, rows);
            else
                NpyBody.Read(body, rows, cancellationToken);
        }
        EncodeOptions wanted = EncodeOptions.From(fields, lease.Model);
        string answer = MediaTypes.Wanted(request, MediaTypes.Json, MediaTypes.NdJson, MediaTypes.Npy);
        if (answer == MediaTypes.Npy && (wanted.Ks.Length > 1 || (wanted.FormatGiven && wanted.Format != CodeFormat.Dense)))
            throw new RequestException(ProblemTypes.InvalidRequest,
                $"{MediaTypes.Npy} holds one dense code a row; expected one k and no format but dense. Ask for {MediaTypes.Json} in the Accept header for the rest.");
        if (answer == MediaTypes.Npy && wanted.Side == EncodeSide.Query)
            throw new RequestException(ProblemTypes.InvalidRequest,
                $"{MediaTypes.Npy} has no place for the product with the mean, which each score of a projected query needs. Ask for {MediaTypes.Json} or {MediaTypes.NdJson} in the Accept header.");
        LinearDecoder? dictionary = wanted.NeedsDictionary ? await lease.DictionaryAsync(PursuitRows.PrefixOf(wanted), cancellationToken) : null;
        ModelResponse.Name(request, lease.Model.Manifest.Version);
        return new EncodeResult(lease, dictionary, rows, wanted, answer, options.Threads);
    }
}

using HierEmbed.Core;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Http;
using HierEmbed.Serving.Similarity;
using HierEmbed.Storage;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Endpoints;

/// <summary>Pairs of embeddings in, cosines out: of the embeddings and of their codes.</summary>
/// <param name="catalog">Hands out the model.</param>
/// <param name="options">Limits of the body.</param>
public sealed class SimilarityEndpoint(ModelCatalog catalog, HierEmbedOptions options)
{
    private static readonly string[] Options = ["ks", "prefix", "coding"];

    /// <summary>Compares the embeddings of the body.</summary>
    public async Task<IResult> CompareAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        MediaTypes.OfBody(request, MediaTypes.Json);
        using ModelLease lease = await catalog.AcquireAsync(dataset, request.Query["version"].FirstOrDefault(), cancellationToken);
        EncoderModel model = lease.Model;
        var fields = new RequestFields(Options).AddQuery(request);
        using var vectors = new SimilarityBody(model, options.MaxRequestRows);
        using (RequestBody body = await RequestBody.ReadAsync(request, options.MaxBodyBytes, cancellationToken))
            vectors.Read(body.Span, fields);
        string latents = $", the latentDims of model \"{dataset}\"";
        int[] ks = fields.Integers("ks", 1, model.LatentDims, latents) ?? SimilarityScorer.DefaultKsOf(model);
        if (fields.Word("coding", "encoder", "pursuit") == "pursuit")
            throw new RequestException(ProblemTypes.InvalidRequest, "coding is pursuit: its codes mean something only as an inner product with a projected query, and their cosine with one another tells nothing. Leave coding out, or take encode with coding pursuit and side query.");
        LinearDecoder? dictionary = DictionaryLoader.IsLinear(model.Manifest.Recipe) && model.Manifest.Files.ContainsKey(Layout.DictionaryFile) ? await lease.DictionaryAsync(cancellationToken) : null;
        var scorer = new SimilarityScorer(lease.Queue, dictionary, ks, fields.Integer("prefix", 1, model.LatentDims, latents));
        ModelResponse.Name(request, model.Manifest.Version);
        return TypedResults.Json(new SimilarityResponse(dataset, model.Manifest.Version, "codes", ks, await scorer.ScoreAsync(vectors, cancellationToken)), Json.Compact);
    }
}

using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Http;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Models;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Endpoints;

/// <summary>Models: list, look, serve an older version, delete.</summary>
/// <param name="models">Pointers and manifests.</param>
/// <param name="catalog">Told of what changed here, so that it need not wait for its next poll.</param>
/// <param name="options">The body's limit.</param>
public sealed class ModelsEndpoint(ModelStore models, ModelCatalog catalog, HierEmbedOptions options)
{
    /// <summary>All models.</summary>
    public async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var found = new List<ModelSummary>();
        foreach (string dataset in await models.ListAsync(cancellationToken))
        {
            LatestPointer? latest = (await models.FindLatestAsync(dataset, cancellationToken)).Value;
            IReadOnlyList<ModelManifest> versions = await models.ListVersionsAsync(dataset, cancellationToken);
            // A model that is deleted meanwhile is left out.
            if (latest is not null && versions.FirstOrDefault(m => m.Version == latest.Version) is { } served)
                found.Add(new ModelSummary(dataset, served.Version, served.Recipe.Recipe.Name, served.Recipe.InputDims, served.Recipe.LatentDims,
                    latest.PublishedAt, [.. versions.Select(m => m.Version)]));
        }
        return TypedResults.Json(new ModelList(found), Json.Compact);
    }

    /// <summary>One version's manifest: the served one's, or that of <c>?version=</c>.</summary>
    public async Task<IResult> GetAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        ModelManifest manifest = await RequestedModel.FindAsync(models, request, dataset, cancellationToken);
        ModelResponse.Name(request, manifest.Version);
        return ModelResponse.IsKnown(request, manifest.Version)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Json(new ModelView(dataset, manifest.Version, manifest), Json.Compact);
    }

    /// <summary>Serves a version again, under a new sequence.</summary>
    public async Task<IResult> RollBackAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        DatasetName.Require(dataset);
        string version = ModelVersion.Require(dataset, await TextField.ReadAsync(request, "version", options, cancellationToken));
        if ((await models.FindLatestAsync(dataset, cancellationToken)).Value is null)
            throw ModelVersion.NoModel(dataset);
        LatestPointer pointer = await models.RollBackAsync(dataset, version, cancellationToken);
        catalog.Forget(dataset);
        if (pointer.Version != version)
            throw new ModelException(ProblemTypes.Conflict, $"Version \"{pointer.Version}\" of \"{dataset}\" was published at the same time and is served. Roll back again if \"{version}\" is still wanted.");
        ModelResponse.Name(request, pointer.Version);
        return TypedResults.Json(new RollbackResponse(dataset, pointer.Version, pointer.Sequence), Json.Compact);
    }

    /// <summary>Deletes the model, or the one version of <c>?version=</c>.</summary>
    public async Task<IResult> DeleteAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        DatasetName.Require(dataset);
        if (request.Query["version"].FirstOrDefault() is { } version)
        {
            if (!await IsPublishedAsync(dataset, ModelVersion.Require(dataset, version), cancellationToken))
                throw ModelVersion.NotFound(dataset, version);
            await models.DeleteVersionAsync(dataset, version, cancellationToken);
            catalog.Close(dataset, version);
        }
        else
        {
            await models.DeleteAsync(dataset, cancellationToken);
            catalog.Forget(dataset);
        }
        return TypedResults.NoContent();
    }

    private async Task<bool> IsPublishedAsync(string dataset, string version, CancellationToken cancellationToken)
    {
        try
        {
            return await models.FindManifestAsync(dataset, version, cancellationToken) is not null;
        }
        catch (ModelException e) when (e.Type == ProblemTypes.CorruptArtifact)
        {
            // A damaged manifest is there all the same, and deleting the version is the way out.
            return true;
        }
    }
}

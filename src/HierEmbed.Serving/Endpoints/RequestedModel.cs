using HierEmbed.Core.Models;
using HierEmbed.Serving.Catalog;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Models;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Endpoints;

/// <summary>Which version a request is about: the one of <c>?version=</c>, or the served one.</summary>
internal static class RequestedModel
{
    /// <summary>Finds its manifest.</summary>
    /// <exception cref="Core.Errors.ModelException">There is no such model or version.</exception>
    public static async Task<ModelManifest> FindAsync(ModelStore models, HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        DatasetName.Require(dataset);
        string version = request.Query["version"].FirstOrDefault() is { } asked
            ? ModelVersion.Require(dataset, asked)
            : (await models.FindLatestAsync(dataset, cancellationToken)).Value?.Version ?? throw ModelVersion.NoModel(dataset);
        return await models.FindManifestAsync(dataset, version, cancellationToken) ?? throw ModelVersion.NotFound(dataset, version);
    }
}

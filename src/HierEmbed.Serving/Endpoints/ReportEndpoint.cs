using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Serving.Http;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Endpoints;

/// <summary>The evaluation page of a model, as the run that published it left it.</summary>
/// <param name="models">Pointers and manifests.</param>
/// <param name="results">Where models are kept.</param>
public sealed class ReportEndpoint(ModelStore models, IArtifactStore results)
{
    /// <summary>What the page may load: nothing. Its styles and charts are in it.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>One version's report: the served one's, or that of <c>?version=</c>.</summary>
    public async Task<IResult> GetAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        ModelManifest manifest = await RequestedModel.FindAsync(models, request, dataset, cancellationToken);
        string name = Layout.Version(dataset, manifest.Version) + Layout.ReportFile;
        if (await results.FindAsync(name, cancellationToken) is null)
            throw NoReport(manifest);
        ModelResponse.Name(request, manifest.Version);
        if (ModelResponse.IsKnown(request, manifest.Version))
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        byte[] page = await results.ReadBytesAsync(name, cancellationToken);
        IHeaderDictionary headers = request.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        // The address may carry the key; and a page that was let in by it is for nobody's cache but the reader's.
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "private, no-cache";
        return TypedResults.Bytes(page, $"{MediaTypes.Html}; charset=utf-8");
    }

    private static ModelException NoReport(ModelManifest manifest) => new(ProblemTypes.ArtifactNotFound,
        $"Version \"{manifest.Version}\" of \"{manifest.Dataset}\" has no report: "
        + (manifest.Files.ContainsKey(Layout.ReportFile)
            ? $"its {Layout.ReportFile} was deleted. Restore it from a copy."
            : $"the program that published it wrote none. GET {ApiRoutes.Prefix}/models/{{dataset}} has its figures."));
}

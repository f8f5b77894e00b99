using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace HierEmbed.Serving.Http;

/// <summary>Headers of answers that come from one version of a model.</summary>
internal static class ModelResponse
{
    /// <summary>Header that names the version, for answers without a JSON object to name it in.</summary>
    public const string VersionHeader = "x-model-version";

    /// <summary>Sets the ETag, which is the version, and the header that names it.</summary>
    public static void Name(HttpRequest request, string version)
    {
        HttpResponse response = request.HttpContext.Response;
        response.Headers.ETag = $"\"{version}\"";
        response.Headers[VersionHeader] = version;
    }

    /// <summary>Whether the client has the answer for this version already.</summary>
    public static bool IsKnown(HttpRequest request, string version)
    {
        StringValues known = request.Headers.IfNoneMatch;
        if (known.Count == 0 || !EntityTagHeaderValue.TryParseList(known, out IList<EntityTagHeaderValue>? tags))
            return false;
        var current = new EntityTagHeaderValue($"\"{version}\"");
        return tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: false));
    }
}

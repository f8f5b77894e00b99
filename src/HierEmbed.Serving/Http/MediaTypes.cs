using HierEmbed.Core.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace HierEmbed.Serving.Http;

/// <summary>Media types of bodies.</summary>
public static class MediaTypes
{
    /// <summary>JSON.</summary>
    public const string Json = "application/json";

    /// <summary>One JSON document a line.</summary>
    public const string NdJson = "application/x-ndjson";

    /// <summary>A NumPy array.</summary>
    public const string Npy = "application/x-npy";

    /// <summary>A page to read.</summary>
    public const string Html = "text/html";

    /// <summary>An RFC 9457 problem.</summary>
    public const string Problem = "application/problem+json";

    /// <summary>The media type of a request's body.</summary>
    /// <param name="request">The request; without a Content-Type its body is taken for JSON.</param>
    /// <param name="accepted">What the route takes.</param>
    /// <exception cref="RequestException">It is none of those.</exception>
    public static string OfBody(HttpRequest request, params ReadOnlySpan<string> accepted)
    {
        if (string.IsNullOrEmpty(request.ContentType))
            return Json;
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            foreach (string one in accepted)
            {
                if (type.MediaType.Equals(one, StringComparison.OrdinalIgnoreCase))
                    return one;
            }
        }
        throw new RequestException(ProblemTypes.UnsupportedMediaType,
            $"Content-Type is \"{Quoted.Shorten(request.ContentType)}\"; this route reads {string.Join(", ", accepted!)} in UTF-8. Set the Content-Type header.");
    }

    /// <summary>The media type that a client wants most, JSON where it names none of those on offer.</summary>
    public static string Wanted(HttpRequest request, params ReadOnlySpan<string> offered)
    {
        string best = Json;
        double bestQuality = 0;
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out IList<MediaTypeHeaderValue>? accepted))
            return best;
        foreach (MediaTypeHeaderValue type in accepted)
        {
            double quality = type.Quality ?? 1;
            foreach (string one in offered)
            {
                if (quality > bestQuality && type.MediaType.Equals(one, StringComparison.OrdinalIgnoreCase))
                    (best, bestQuality) = (one, quality);
            }
        }
        return best;
    }
}

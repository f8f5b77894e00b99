using System.Net;
using HierEmbed.Core.Errors;
using HierEmbed.Serving.Http;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Hosting;

/// <summary>Keeps web pages of other sites from using a server on loopback that asks for no key.</summary>
/// <remarks>A browser sends a page's origin with its requests, and the name that it looked up as the host: a name that was made to point
/// at 127.0.0.1 (DNS rebinding) shows there.</remarks>
internal static class OtherSites
{
    /// <summary>Whether a host name is this machine's own.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Passes requests on that are addressed to loopback and come from no page, or from a page on loopback.</summary>
    public static Task RefuseAsync(HttpContext context, RequestDelegate next)
    {
        string host = context.Request.Host.Host;
        string origin = context.Request.Headers.Origin.ToString();
        if (host.Length > 0 && !IsLoopback(host))
            return Problem(context, $"The request is for host {Quoted.Shorten(host)}");
        if (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? site) && IsLoopback(site.Host)))
            return Problem(context, $"The request comes from a page of {Quoted.Shorten(origin)}");
        return next(context);
    }

    private static Task Problem(HttpContext context, string found) =>
        Problems.Result(ProblemTypes.ForeignOrigin, $"{found}; without a key only this machine is answered. Set HierEmbed__ApiKey and send it as x-functions-key.",
            context.Request.Path).ExecuteAsync(context);
}

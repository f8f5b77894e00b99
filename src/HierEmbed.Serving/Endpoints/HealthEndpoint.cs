using System.Reflection;
using HierEmbed.Core;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Endpoints;

/// <summary>Says that the program answers, and in which version.</summary>
public static class HealthEndpoint
{
    /// <summary>The program's version.</summary>
    public static string ProgramVersion { get; } =
        typeof(HealthEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Answers without looking at anything: a slow store makes no host unhealthy.</summary>
    public static Task<IResult> GetAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<IResult>(TypedResults.Json(new HealthView("ok", ProgramVersion), Json.Compact));
}

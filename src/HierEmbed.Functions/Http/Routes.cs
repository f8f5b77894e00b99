using HierEmbed.Serving.Http;

namespace HierEmbed.Functions.Http;

/// <summary>Where the functions are.</summary>
internal static class Routes
{
    /// <summary><see cref="ApiRoutes.Prefix"/> as a function's route begins: without a slash. host.json puts nothing before it.</summary>
    public const string Prefix = "api/v1/";
}

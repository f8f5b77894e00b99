using System.Text.RegularExpressions;
using HierEmbed.Core.Errors;

namespace HierEmbed.Serving.Catalog;

/// <summary>What a version may be called: anything else cannot name one.</summary>
internal static partial class ModelVersion
{
    /// <summary>Refuses what cannot be a version before it becomes part of a name in the store.</summary>
    /// <exception cref="ModelException">There can be no such version.</exception>
    public static string Require(string dataset, string? version) =>
        version is not null && Pattern().IsMatch(version) ? version : throw NotFound(dataset, version);

    /// <summary>There is no such version.</summary>
    public static ModelException NotFound(string dataset, string? version) => new(ProblemTypes.ModelNotFound,
        $"Model \"{dataset}\" has no version \"{(version is { Length: > 60 } ? version[..57] + "..." : version)}\". GET /api/v1/models lists the versions of each model.");

    /// <summary>There is no such model.</summary>
    public static ModelException NoModel(string dataset) => new(ProblemTypes.ModelNotFound,
        $"There is no model \"{dataset}\". GET /api/v1/models lists those that are there; POST /api/v1/runs trains one from uploaded files.");

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

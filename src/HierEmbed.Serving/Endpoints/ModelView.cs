using HierEmbed.Core.Models;

namespace HierEmbed.Serving.Endpoints;

/// <summary>One version of a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="ModelVersion">The version.</param>
/// <param name="Manifest">What the version says of itself, metrics included.</param>
public sealed record ModelView(string Model, string ModelVersion, ModelManifest Manifest);

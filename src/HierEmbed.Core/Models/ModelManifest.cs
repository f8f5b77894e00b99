using HierEmbed.Core.Recipes;

namespace HierEmbed.Core.Models;

/// <summary>Everything that a published model says of itself: <c>manifest.json</c> in its folder, written last.</summary>
public sealed record ModelManifest
{
    /// <summary>Version of this layout; a reader refuses a greater one.</summary>
    public int FormatVersion { get; init; } = 1;

    /// <summary>The dataset that it was trained on.</summary>
    public required string Dataset { get; init; }

    /// <summary>16 hex digits of content hash, resolved recipe and seed: the same input gives the same version.</summary>
    public required string Version { get; init; }

    /// <summary>Dataset and version; what code files and the graph's metadata carry.</summary>
    public string ModelId => $"{Dataset}/{Version}";

    /// <summary>The run that published it.</summary>
    public required string RunId { get; init; }

    /// <summary>When it was published, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>SHA-256 of the packed rows, hex.</summary>
    public required string ContentHash { get; init; }

    /// <summary>Seed of every random choice.</summary>
    public required long Seed { get; init; }

    /// <summary>What was trained.</summary>
    public required ResolvedRecipe Recipe { get; init; }

    /// <summary>Rows by their use, and how many were rejected.</summary>
    public required RowCounts Rows { get; init; }

    /// <summary>Whether rows were packed as float16, which decides the hash that they are split by; null in models of a program that did not say.</summary>
    public bool? PackedHalf { get; init; }

    /// <summary>The model that made the embeddings, where known.</summary>
    public string? ParentModel { get; init; }

    /// <summary>The input type that they were made with, where known.</summary>
    public string? InputType { get; init; }

    /// <summary>What the training and the evaluation measured.</summary>
    public required ModelMetrics Metrics { get; init; }

    /// <summary>SHA-256 of each file of the model by its name, hex.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>Versions of the program and of the libraries that made it.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }
}

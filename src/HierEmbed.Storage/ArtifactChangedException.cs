using HierEmbed.Core.Errors;

namespace HierEmbed.Storage;

/// <summary>An artifact is no longer what it was when it was listed.</summary>
/// <param name="name">The artifact's name.</param>
/// <param name="expected">The ETag that was expected.</param>
public sealed class ArtifactChangedException(string name, string expected)
    : HierEmbedException(ProblemTypes.Conflict, $"{name} changed while it was in use (expected ETag {expected}). Start again with what is there now.")
{
    /// <summary>The artifact's name.</summary>
    public string Name { get; } = name;
}

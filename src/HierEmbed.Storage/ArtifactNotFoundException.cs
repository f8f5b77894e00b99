using HierEmbed.Core.Errors;

namespace HierEmbed.Storage;

/// <summary>An artifact that was expected is not there.</summary>
/// <param name="name">The artifact's name.</param>
public sealed class ArtifactNotFoundException(string name)
    : HierEmbedException(ProblemTypes.ArtifactNotFound, $"{name} is not in the store. It may have been deleted meanwhile; list the store to see what is there.")
{
    /// <summary>The artifact's name.</summary>
    public string Name { get; } = name;
}

using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Npy;

/// <summary>A header that cannot be used; translated by whoever knows the file.</summary>
internal sealed class NpyHeaderException(ProblemType type, string detail) : Exception(detail)
{
    public ProblemType Type { get; } = type;
}

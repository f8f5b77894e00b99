using HierEmbed.Core.Errors;

namespace HierEmbed.Storage.Runs;

/// <summary>A file that a run left out, as its dataset asks for.</summary>
/// <param name="File">The upload's name.</param>
/// <param name="Problem">Why.</param>
public sealed record SkippedFile(string File, Problem Problem);

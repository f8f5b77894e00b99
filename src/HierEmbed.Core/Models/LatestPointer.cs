namespace HierEmbed.Core.Models;

/// <summary><c>latest.json</c>: which version of a model is served. Replaced by compare-and-swap.</summary>
/// <param name="Version">The version that is served.</param>
/// <param name="Sequence">Taken when the run (or rollback) was made: a lower sequence never replaces a higher one.</param>
/// <param name="RunId">The run that published it, or null after a rollback.</param>
/// <param name="PublishedAt">When the pointer was written, UTC.</param>
public sealed record LatestPointer(string Version, long Sequence, string? RunId, DateTimeOffset PublishedAt);

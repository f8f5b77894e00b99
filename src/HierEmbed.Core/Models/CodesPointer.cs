namespace HierEmbed.Core.Models;

/// <summary><c>codes/latest.json</c> in a version's folder: which run's index lists the dataset's rows as they are now. Replaced by compare-and-swap.</summary>
/// <param name="RunId">The run; its index is <c>codes/&lt;runId&gt;.json</c>.</param>
/// <param name="Sequence">The run's: a lower one never replaces a higher.</param>
public sealed record CodesPointer(string RunId, long Sequence);

using HierEmbed.Serving.Runs;

namespace HierEmbed.Serving.Endpoints;

/// <summary>Runs.</summary>
/// <param name="Runs">Newest first.</param>
public sealed record RunList(IReadOnlyList<RunView> Runs);

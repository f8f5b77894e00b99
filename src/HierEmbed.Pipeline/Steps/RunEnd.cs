using HierEmbed.Core.Errors;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Why a run is over before its last step: an outcome that no retry would change.</summary>
/// <param name="State">The outcome.</param>
/// <param name="Problem">Why it failed, where it did.</param>
/// <param name="ModelVersion">The version that is served in its place, where there is one.</param>
public sealed record RunEnd(RunState State, Problem? Problem = null, string? ModelVersion = null);

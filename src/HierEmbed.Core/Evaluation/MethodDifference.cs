namespace HierEmbed.Core.Evaluation;

/// <summary>How much more recall@10 a candidate has than a baseline of the same budget.</summary>
/// <param name="Candidate">The candidate's method.</param>
/// <param name="Baseline">The baseline's method.</param>
/// <param name="Interval">Candidate minus baseline, with its 95 % interval.</param>
public sealed record MethodDifference(string Candidate, string Baseline, BootstrapInterval Interval);

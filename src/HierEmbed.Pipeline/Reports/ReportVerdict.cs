namespace HierEmbed.Pipeline.Reports;

/// <summary>What the report says first.</summary>
/// <param name="Verdict">How the codes compare with the baselines; where one wins, that it does and what to use instead.</param>
/// <param name="Recommendation">What to do, two sentences.</param>
public sealed record ReportVerdict(string Verdict, string Recommendation);

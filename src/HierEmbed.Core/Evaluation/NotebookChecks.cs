namespace HierEmbed.Core.Evaluation;

/// <summary>The checks that the notebook ends with: the cosine of two rows' codes at 64 and at 128 components.</summary>
/// <param name="Pairs">Pairs of test rows compared.</param>
/// <param name="MeanAt64">Mean cosine of codes cut to 64 components.</param>
/// <param name="MeanAt128">Mean cosine of codes cut to 128 components.</param>
/// <param name="EqualPairs">Pairs whose two cosines are equal exactly: those in which no code has more than 64 active components.</param>
/// <param name="PairsOfAtMost64">Pairs in which no code has more than 64 active components.</param>
/// <param name="MaxActive">Most active components of a test row's code.</param>
public sealed record NotebookChecks(int Pairs, double MeanAt64, double MeanAt128, int EqualPairs, int PairsOfAtMost64, int MaxActive);

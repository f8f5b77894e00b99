namespace HierEmbed.Core.Evaluation;

/// <summary>What rows rebuilt from codes still say of their labels.</summary>
/// <param name="Method">The method, or the full vectors.</param>
/// <param name="LogisticAccuracy">Share of test rows whose class a logistic regression on training rows predicts.</param>
/// <param name="LogisticMacroF1">The same predictions' F1, a mean over classes.</param>
/// <param name="NearestAccuracy">Share of test rows whose class the training row of the highest cosine has.</param>
/// <param name="AdjustedRand">Agreement of k-means on the test rows with the classes, as many clusters as classes.</param>
/// <param name="Silhouette">Mean silhouette of those clusters; null where k-means found but one.</param>
public sealed record LabelFigures(
    string Method, double LogisticAccuracy, double LogisticMacroF1, double NearestAccuracy, double AdjustedRand, double? Silhouette);

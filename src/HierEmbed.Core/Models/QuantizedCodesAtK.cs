namespace HierEmbed.Core.Models;

/// <summary>Codes of an int8 encoder beside those of the float32 one, on the evaluated rows.</summary>
/// <param name="K">Active components kept at most.</param>
/// <param name="Overlap">Mean share of the float32 code's components that the code has too.</param>
/// <param name="Recall10">Recall@10 of the codes, compared by their cosine.</param>
/// <param name="Float32Recall10">The same of the float32 codes.</param>
public sealed record QuantizedCodesAtK(int K, double Overlap, double Recall10, double Float32Recall10);

namespace HierEmbed.Core.Evaluation;

/// <summary>A neighbour in an example.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Score">Cosine, or the codes' estimate of it.</param>
/// <param name="IsTrue">Whether it is one of the ten nearest by full cosine.</param>
public sealed record ExampleNeighbour(string Text, float Score, bool IsTrue);

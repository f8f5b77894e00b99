namespace HierEmbed.Core.Evaluation;

/// <summary>A way to store documents from which they can be rebuilt, so that a float query can be compared with what is rebuilt.</summary>
public interface IDocumentCoding
{
    /// <summary>Its name and what it stores.</summary>
    CodingCost Cost { get; }

    /// <summary>Codes rows and decodes them again.</summary>
    /// <param name="rows">L2-normalized rows x, <c>[rows, dims]</c>.</param>
    /// <param name="decoded">Receives x̂, <c>[rows, dims]</c>, mean included, of whatever length the code gives.</param>
    void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded);
}

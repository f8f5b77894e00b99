using HierEmbed.Core.Codes;

namespace HierEmbed.Training.Evaluation.Codings;

/// <summary>Counts the active components of codes.</summary>
internal sealed class ComponentCount
{
    private long codes, components;

    /// <summary>L0: mean active components of a code; null before the first.</summary>
    public double? Mean => codes == 0 ? null : components / (double)codes;

    /// <summary>Counts a code in, and hands it on.</summary>
    public SparseCode Of(SparseCode code)
    {
        codes++;
        components += code.Indices.Length;
        return code;
    }
}

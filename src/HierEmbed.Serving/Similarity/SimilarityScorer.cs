using System.Globalization;
using HierEmbed.Core.Codes;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Serving.Similarity;

/// <summary>Cosine of embeddings, and of their codes at several k.</summary>
/// <param name="model">Encodes.</param>
/// <param name="ks">Active components to compare at.</param>
/// <param name="prefix">Latents that are looked at, or null for all.</param>
internal sealed class SimilarityScorer(EncoderModel model, int[] ks, int? prefix)
{
    /// <summary>k that are compared at unless a client names others.</summary>
    private static readonly int[] DefaultKs = [8, 16, 32, 64, 128];

    /// <summary>The default k of a model, as far as it has latents; all latents where it has fewer than 8.</summary>
    public static int[] DefaultKsOf(EncoderModel model)
    {
        int[] ks = [.. DefaultKs.Where(k => k <= model.LatentDims)];
        return ks.Length > 0 ? ks : [model.LatentDims];
    }

    /// <summary>Compares row by row, or one query with every row.</summary>
    public List<SimilarityResult> Score(SimilarityBody body)
    {
        int largest = ks.Max();
        SparseCode[] left = model.EncodeToCodes(body.Left.Values, body.Left.Count, largest, prefix);
        SparseCode[] right = model.EncodeToCodes(body.Right.Values, body.Right.Count, largest, prefix);
        var results = new List<SimilarityResult>(right.Length);
        for (int i = 0; i < right.Length; i++)
        {
            int from = body.OneQuery ? 0 : i;
            var byK = new Dictionary<string, float>(ks.Length);
            foreach (int k in ks)
                byK[k.ToString(CultureInfo.InvariantCulture)] = CodeSimilarity.Cosine(CodeTruncation.KeepLargest(left[from], k), CodeTruncation.KeepLargest(right[i], k));
            results.Add(new SimilarityResult(CodeSimilarity.Cosine(body.Left.Row(from), body.Right.Row(i)), byK));
        }
        return results;
    }
}

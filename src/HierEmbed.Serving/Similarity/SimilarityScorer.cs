using System.Globalization;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Serving.Similarity;

/// <summary>Cosine of embeddings, and at several k of their codes and of what these rebuild.</summary>
/// <param name="queue">Encodes.</param>
/// <param name="dictionary">Rebuilds embeddings from codes; null: the model has none that is linear.</param>
/// <param name="ks">Active components to compare at.</param>
/// <param name="prefix">Latents that are looked at, or null for all.</param>
internal sealed class SimilarityScorer(EncodeQueue queue, LinearDecoder? dictionary, int[] ks, int? prefix)
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
    public async Task<List<SimilarityResult>> ScoreAsync(SimilarityBody body, CancellationToken cancellationToken)
    {
        int largest = ks.Max();
        SparseCode[] left = await queue.EncodeToCodesAsync(body.Left.Memory(0, body.Left.Count), body.Left.Count, largest, prefix, cancellationToken);
        SparseCode[] right = await queue.EncodeToCodesAsync(body.Right.Memory(0, body.Right.Count), body.Right.Count, largest, prefix, cancellationToken);
        string[] names = [.. ks.Select(k => k.ToString(CultureInfo.InvariantCulture))];
        float[][] leftDecoded = Buffers(), rightDecoded = Buffers();
        var results = new List<SimilarityResult>(right.Length);
        for (int i = 0; i < right.Length; i++)
        {
            int from = body.OneQuery ? 0 : i;
            SparseCode[] ofLeft = Truncated(left[from]), ofRight = Truncated(right[i]);
            if (!body.OneQuery || i == 0)
                Decode(ofLeft, leftDecoded);
            Decode(ofRight, rightDecoded);
            var codes = new Dictionary<string, float>(ks.Length);
            var decoded = new Dictionary<string, float>(ks.Length);
            for (int at = 0; at < ks.Length; at++)
            {
                codes[names[at]] = CodeSimilarity.Cosine(ofLeft[at], ofRight[at]);
                if (dictionary is not null)
                    decoded[names[at]] = CodeSimilarity.Cosine(leftDecoded[at], rightDecoded[at]);
            }
            results.Add(new SimilarityResult(CodeSimilarity.Cosine(body.Left.Row(from), body.Right.Row(i)), codes, dictionary is null ? null : decoded));
        }
        return results;
    }

    private float[][] Buffers() => dictionary is null ? [] : [.. ks.Select(_ => new float[dictionary.InputDims])];

    private SparseCode[] Truncated(SparseCode largest) => Array.ConvertAll(ks, k => CodeTruncation.KeepLargest(largest, k));

    private void Decode(SparseCode[] codes, float[][] decoded)
    {
        for (int at = 0; at < decoded.Length; at++)
            dictionary!.DecodeEncoderCode(codes[at], decoded[at]);
    }
}

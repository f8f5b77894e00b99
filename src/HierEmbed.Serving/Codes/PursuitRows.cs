using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Scaling;
using HierEmbed.Serving.Coding;

namespace HierEmbed.Serving.Codes;

/// <summary>Codes rows of a request by pursuit, or projects them as queries.</summary>
internal sealed class PursuitRows
{
    private readonly LinearDecoder dictionary;
    private readonly EncodeOptions options;
    private readonly int latentDims;
    private readonly PursuitCoding coding;
    private readonly AsymmetricScorer scorer;

    /// <summary>Takes the model's dictionary.</summary>
    /// <param name="dictionary">As many of its atoms as <see cref="PrefixOf"/> says.</param>
    /// <param name="latentDims">All of its latents.</param>
    /// <param name="options">What the client wants.</param>
    /// <param name="threads">Threads that pursuit works on; 0: one a core.</param>
    public PursuitRows(LinearDecoder dictionary, int latentDims, EncodeOptions options, int threads)
    {
        this.dictionary = dictionary;
        this.latentDims = latentDims;
        this.options = options;
        coding = new PursuitCoding(dictionary, threads);
        scorer = new AsymmetricScorer(dictionary);
    }

    /// <summary>Atoms that a request is answered with; null: all.</summary>
    // The products with a prefix of the atoms are the first of those with all; its pursuit is another.
    public static int? PrefixOf(EncodeOptions options) => options.Side == EncodeSide.Query ? null : options.Prefix;

    /// <summary>Codes rows, for each k anew: fewer atoms have other values.</summary>
    /// <param name="rows">Embeddings, <c>[count, inputDims]</c>.</param>
    /// <param name="count">Rows.</param>
    /// <param name="take">Called once a row, in order, with its codes, <c>[ks]</c>, their <c>Norm</c> the length of what they rebuild; they are reused.</param>
    public void Code(ReadOnlySpan<float> rows, int count, Action<SparseCode[]> take)
    {
        var codes = new SparseCode[options.Ks.Length];
        var byK = new SparseCode[options.Ks.Length][];
        for (int i = 0; i < byK.Length; i++)
            byK[i] = coding.Encode(rows, count, Math.Min(options.Ks[i], dictionary.LatentDims));
        for (int row = 0; row < count; row++)
        {
            for (int i = 0; i < codes.Length; i++)
                codes[i] = byK[i][row] with { Dims = latentDims, Norm = scorer.NormOf(byK[i][row]) };
            take(codes);
        }
    }

    /// <summary>Projects queries.</summary>
    /// <param name="rows">Embeddings, <c>[count, inputDims]</c>.</param>
    /// <param name="count">Rows.</param>
    /// <param name="take">Called once a row, in order; the query is reused.</param>
    public void Project(ReadOnlySpan<float> rows, int count, Action<ProjectedQuery> take)
    {
        int dims = dictionary.InputDims;
        var normalized = new float[dims];
        var products = new float[dictionary.LatentDims];
        for (int row = 0; row < count; row++)
        {
            RowNormalization.L2Normalize(rows.Slice(row * dims, dims), normalized);
            take(scorer.Project(normalized, products));
        }
    }
}

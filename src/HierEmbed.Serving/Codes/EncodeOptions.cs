using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Recipes;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Serving.Codes;

/// <summary>What a client wants of the codes, checked against the model.</summary>
internal sealed record EncodeOptions
{
    /// <summary>Names of the options, in JSON and in the query.</summary>
    public static IReadOnlyList<string> Names { get; } = ["k", "ks", "prefix", "normalize", "format", "coding", "side"];

    /// <summary>Active components of the codes of each row, one code for each.</summary>
    public required int[] Ks { get; init; }

    /// <summary>Whether <c>ks</c> was given: each row is answered with a list of codes then.</summary>
    public required bool Several { get; init; }

    /// <summary>Latents that are looked at, or null for all.</summary>
    public int? Prefix { get; init; }

    /// <summary>Whether values are scaled to unit norm.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>How a code is written.</summary>
    public CodeFormat Format { get; init; }

    /// <summary>Whether the format was asked for, rather than the default.</summary>
    public bool FormatGiven { get; init; }

    /// <summary>How codes are made.</summary>
    public CodeCoding Coding { get; init; } = CodeCoding.Encoder;

    /// <summary>What the embeddings are.</summary>
    public EncodeSide Side { get; init; }

    /// <summary>Whether the model's dictionary is needed.</summary>
    public bool NeedsDictionary => Coding == CodeCoding.Pursuit || Side == EncodeSide.Query;

    /// <summary>Reads the options.</summary>
    /// <exception cref="RequestException">One is out of range, contradicts another or is not available.</exception>
    public static EncodeOptions From(RequestFields fields, EncoderModel model)
    {
        string latents = $", the latentDims of model \"{model.Manifest.Dataset}\"";
        int? k = fields.Integer("k", 1, model.LatentDims, latents);
        int[]? ks = fields.Integers("ks", 1, model.LatentDims, latents);
        if (k is not null && ks is not null)
            throw new RequestException(ProblemTypes.InvalidRequest, "Both k and ks are given; expected one of them.");
        bool? normalize = fields.Boolean("normalize");
        CodeCoding? coding = fields.Word("coding", "encoder", "pursuit") switch { null => null, "pursuit" => CodeCoding.Pursuit, _ => CodeCoding.Encoder };
        EncodeSide side = fields.Word("side", "document", "query") == "query" ? EncodeSide.Query : EncodeSide.Document;
        if (coding == CodeCoding.Pursuit && normalize == true)
            throw new RequestException(ProblemTypes.InvalidRequest, "normalize is true with coding pursuit: its codes rebuild the row and count as they are, so scaling them would change every score. Leave normalize out, or use coding encoder.");
        if (coding == CodeCoding.Pursuit && model.LatentDims > DictionaryLoader.MaxPursuitLatents)
            throw new RequestException(ProblemTypes.InvalidRequest, $"coding is pursuit, and model \"{model.Manifest.Dataset}\" has {model.LatentDims} latents; pursuit is for at most {DictionaryLoader.MaxPursuitLatents}. Use coding encoder.");
        string? format = fields.Word("format", "sparse", "dense", "pgvector", "qdrant");
        if (side == EncodeSide.Query)
            RefuseForQueries(fields, coding, format);
        bool pursues = coding == CodeCoding.Pursuit;
        return new EncodeOptions
        {
            Coding = pursues || side == EncodeSide.Query ? CodeCoding.Pursuit : CodeCoding.Encoder,
            Side = side,
            Ks = side == EncodeSide.Query ? [] : ks ?? [k ?? model.DefaultK],
            Several = ks is not null,
            Prefix = fields.Integer("prefix", 1, model.LatentDims, latents),
            Normalize = normalize ?? !pursues,
            Format = side == EncodeSide.Query ? CodeFormat.Dense : format is null ? CodeFormat.Sparse : Enum.Parse<CodeFormat>(format, ignoreCase: true),
            FormatGiven = format is not null,
        };
    }

    /// <summary>A query is not coded: what belongs to codes contradicts it.</summary>
    private static void RefuseForQueries(RequestFields fields, CodeCoding? coding, string? format)
    {
        foreach (string option in (string[])["k", "ks", "normalize"])
        {
            if (fields.Find(option) is not null)
                throw new RequestException(ProblemTypes.InvalidRequest, $"side is query and {option} is given: a query is projected onto all atoms and stays dense. Leave {option} out; k belongs to the codes that it is scored with.");
        }
        if (coding == CodeCoding.Encoder)
            throw new RequestException(ProblemTypes.InvalidRequest, "side is query with coding encoder: projected queries are scored with codes of pursuit. Leave coding out, or encode the query like a document and compare codes.");
        if (format is not (null or "dense"))
            throw RequestFields.Bad("format", format, "dense where side is query: every latent has a product with a query");
    }

    /// <summary>The codes of one row, one for each k.</summary>
    /// <param name="preActivations">What the graph computes, <c>[latentDims]</c>.</param>
    /// <param name="activation">The model's.</param>
    /// <param name="codes">Where they go, <c>[ks]</c>.</param>
    public void Select(ReadOnlySpan<float> preActivations, CodeActivation activation, Span<SparseCode> codes)
    {
        // The largest once; the smaller ones are nested in it.
        SparseCode largest = CodeTruncation.KeepLargest(preActivations, Ks.Max(), activation, Prefix);
        for (int i = 0; i < Ks.Length; i++)
        {
            SparseCode code = CodeTruncation.KeepLargest(largest, Ks[i]);
            codes[i] = Normalize ? CodeTruncation.ToUnitNorm(code) : code;
        }
    }
}

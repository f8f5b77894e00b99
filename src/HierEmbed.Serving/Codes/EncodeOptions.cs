using HierEmbed.Core.Codes;
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

    /// <summary>Reads the options.</summary>
    /// <exception cref="RequestException">One is out of range, contradicts another or is not available.</exception>
    public static EncodeOptions From(RequestFields fields, EncoderModel model)
    {
        string latents = $", the latentDims of model \"{model.Manifest.Dataset}\"";
        int? k = fields.Integer("k", 1, model.LatentDims, latents);
        int[]? ks = fields.Integers("ks", 1, model.LatentDims, latents);
        if (k is not null && ks is not null)
            throw new RequestException(ProblemTypes.InvalidRequest, "Both k and ks are given; expected one of them.");
        // Pursuit and projected queries need the dictionary, which this server does not load.
        fields.Word("coding", "encoder");
        fields.Word("side", "document");
        string? format = fields.Word("format", "sparse", "dense", "pgvector", "qdrant");
        return new EncodeOptions
        {
            Ks = ks ?? [k ?? model.DefaultK],
            Several = ks is not null,
            Prefix = fields.Integer("prefix", 1, model.LatentDims, latents),
            Normalize = fields.Boolean("normalize") ?? true,
            Format = format is null ? CodeFormat.Sparse : Enum.Parse<CodeFormat>(format, ignoreCase: true),
            FormatGiven = format is not null,
        };
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

using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Readers;
using HierEmbed.Serving.Coding;

namespace HierEmbed.Cli.Coding;

/// <summary>How codes are packed: as the model says, and where it says nothing, by levels fitted to the first rows: how values spread is shared by all rows of a model.</summary>
internal static class PackingChoice
{
    /// <summary>The format for codes of k components, or of as many as fit into a number of bytes.</summary>
    /// <param name="coder">Makes the codes.</param>
    /// <param name="packing">The model's formats; null where it has none for these codes: of the encoder, or of a prefix.</param>
    /// <param name="first">A few hundred rows.</param>
    /// <param name="k">Components; not looked at where bytes are given.</param>
    /// <param name="bytes">Bytes of a code.</param>
    /// <exception cref="UsageException">The bytes hold no component.</exception>
    public static PackedCodeFormat Of(IRowCoding coder, PackingTable? packing, EmbeddingBatch first, int? k, int? bytes)
    {
        if ((bytes is { } wanted ? packing?.Find(wanted) : packing?.FindK(k!.Value)) is { } stored)
            return stored;
        SparseCode[] CodesAt(int components) => coder.Encode(first.Values, first.Count, components);
        if (bytes is not { } length)
            return PackedCodeFormat.FitForK(coder.LatentDims, k!.Value, CodesAt);
        return PackedCodeFormat.HasRoom(coder.LatentDims, length)
            ? PackedCodeFormat.FitForBytes(coder.LatentDims, length, CodesAt)
            : throw new UsageException($"--bytes is {length}; a code of {coder.LatentDims} latents needs more for one component.");
    }
}

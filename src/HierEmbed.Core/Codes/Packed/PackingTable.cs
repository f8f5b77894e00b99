using System.Text.Json;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Codes.Packed;

/// <summary>The packing formats that a model is published with: <c>packing.json</c>. Levels are fitted on training rows once, so every collection of a length has the same.</summary>
/// <param name="LatentDims">Latents.</param>
/// <param name="Formats">Formats by length, ascending.</param>
public sealed record PackingTable(int LatentDims, IReadOnlyList<StoredPacking> Formats)
{
    /// <summary>Lengths that every model is measured at, in bytes.</summary>
    public static IReadOnlyList<int> Budgets { get; } = [16, 32, 64, 128, 256];

    /// <summary>Fits formats, those of lengths without room for one component left out.</summary>
    /// <param name="latentDims">Latents.</param>
    /// <param name="budgets">Lengths in bytes.</param>
    /// <param name="codesAt">Pursuit codes of a few hundred training rows at the k that it is given.</param>
    /// <param name="k">Another format, the shortest that holds so many components; null: none.</param>
    public static PackingTable Fit(int latentDims, IEnumerable<int> budgets, Func<int, IEnumerable<SparseCode>> codesAt, int? k = null)
    {
        IEnumerable<PackedCodeFormat> formats = budgets.Distinct().Where(bytes => PackedCodeFormat.HasRoom(latentDims, bytes)).Select(bytes => PackedCodeFormat.FitForBytes(latentDims, bytes, codesAt));
        // Behind those that were asked for by their length: of two of one length, they are found by it.
        if (k is { } components)
            formats = formats.Append(PackedCodeFormat.FitForK(latentDims, components, codesAt));
        return new(latentDims, [.. formats.Select(StoredPacking.Of).OrderBy(format => format.BytesPerVector)]);
    }

    /// <summary>The format of a length; null where the model has none.</summary>
    public PackedCodeFormat? Find(int bytesPerVector) =>
        Formats.FirstOrDefault(format => format.BytesPerVector == bytesPerVector)?.ToFormat(LatentDims);

    /// <summary>The format whose rows are just long enough for k components; null where the model has none.</summary>
    public PackedCodeFormat? FindK(int k) =>
        Formats.FirstOrDefault(format => format.K == k && format.BytesPerVector == PackedCodeFormat.BytesFor(LatentDims, k, format.Levels.Count))?.ToFormat(LatentDims);

    /// <summary>Writes the table.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented);

    /// <summary>Reads a table.</summary>
    /// <param name="utf8">What <see cref="ToJson"/> gave.</param>
    /// <param name="name">Name of the file for messages.</param>
    /// <exception cref="ModelException">It is none.</exception>
    public static PackingTable Parse(ReadOnlySpan<byte> utf8, string name)
    {
        try
        {
            PackingTable table = JsonSerializer.Deserialize<PackingTable>(utf8, Json.Compact) ?? throw new JsonException("it is null");
            foreach (StoredPacking format in table.Formats)
                format.ToFormat(table.LatentDims);
            return table;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NullReferenceException)
        {
            throw new ModelException(ProblemTypes.CorruptArtifact, $"{name} is no table of packing formats: {e.Message} Copy the model again, or train it again.", e);
        }
    }
}

using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HierEmbed.Core.Models;
using HierEmbed.Core.Scaling;
using HierEmbed.Pipeline.Rows;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>Which use the split of a model's training puts rows to, found from the rows again.</summary>
/// <remarks>
/// The split goes by a hash of seed and content, so it says of any row which use it would have had: one that it calls test was not trained on, whether
/// or not it was in the training data. The hash is of the row as it was packed, which may have been float16. Where an older manifest does not say, both
/// are looked at, and the one that gives the manifest's counts counts; where neither does, a row is unseen only if both say so.
/// </remarks>
public sealed class RowUses
{
    private readonly List<byte> packed = [];
    private readonly List<UInt128>? hashes;
    private readonly RowSplit split;
    private readonly ModelManifest manifest;
    private readonly long[] countsSingle = new long[3], countsHalf = new long[3];
    private readonly float[] stored;
    private readonly Half[] halves;

    /// <summary>Looks at no row yet.</summary>
    /// <param name="manifest">The model's.</param>
    /// <param name="keepsHashes">Whether rows are to be told from those of other files.</param>
    public RowUses(ModelManifest manifest, bool keepsHashes)
    {
        this.manifest = manifest;
        split = new RowSplit(manifest.Seed, manifest.Recipe.Recipe.ValidationFraction, manifest.Recipe.Recipe.TestFraction);
        stored = new float[manifest.Recipe.InputDims];
        halves = new Half[stored.Length];
        hashes = keepsHashes ? [] : null;
    }

    /// <summary>Rows that were looked at.</summary>
    public int Rows => packed.Count;

    /// <summary>Looks at the next row, <c>[inputDims]</c>.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        RowUse single = split.Of(row), half = split.Of(Half(row));
        countsSingle[(int)single]++;
        countsHalf[(int)half]++;
        packed.Add((byte)((int)single | ((int)half << 2)));
        hashes?.Add(XxHash128.HashToUInt128(MemoryMarshal.AsBytes(row)));
    }

    /// <summary>Hash of a row that was looked at.</summary>
    public UInt128 HashOf(int row) => hashes![row];

    /// <summary>Whether these are the rows of the training, by their counts of each use.</summary>
    public bool AreThoseOfTheTraining => manifest.Recipe.Recipe.SplitsByPosition ? Rows == manifest.Rows.Total
        : (manifest.PackedHalf != true && IsTraining(countsSingle)) || (manifest.PackedHalf != false && IsTraining(countsHalf));

    /// <summary>The use of a row.</summary>
    public RowUse Of(int row)
    {
        if (manifest.Recipe.Recipe.SplitsByPosition)
            return row < manifest.Rows.Train ? RowUse.Train : RowUse.Validation;
        RowUse single = (RowUse)(packed[row] & 3), half = (RowUse)(packed[row] >> 2);
        return manifest.PackedHalf is { } packedHalf ? (packedHalf ? half : single)
            : IsTraining(countsSingle) ? single
            : IsTraining(countsHalf) ? half
            : single == RowUse.Train || half == RowUse.Train ? RowUse.Train : single;
    }

    private bool IsTraining(long[] counts) => (counts[(int)RowUse.Train], counts[(int)RowUse.Validation], counts[(int)RowUse.Test])
        == (manifest.Rows.Train, manifest.Rows.Validation, manifest.Rows.Test);

    private float[] Half(ReadOnlySpan<float> row)
    {
        row.CopyTo(stored);
        if (manifest.Recipe.Recipe.L2Normalize)
            RowNormalization.L2Normalize(stored, stored);
        TensorPrimitives.ConvertToHalf(stored, halves);
        TensorPrimitives.ConvertToSingle(halves, stored);
        return stored;
    }
}

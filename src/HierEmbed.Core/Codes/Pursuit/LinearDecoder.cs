using System.Numerics.Tensors;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numerics;
using HierEmbed.Core.Numpy;

namespace HierEmbed.Core.Codes.Pursuit;

/// <summary>A model's linear dictionary over L2-normalized embeddings, its atoms of unit length: x̂ = m + Σ_j z_j atom_j.</summary>
/// <remarks>Immutable. Codes of pursuit mean something only together with it.</remarks>
public sealed class LinearDecoder
{
    private readonly Lazy<float[]> gram;

    /// <summary>Takes atoms and the mean.</summary>
    /// <param name="modelId">The model that it belongs to; code files carry it.</param>
    /// <param name="atoms"><c>[latentDims, inputDims]</c>, of any length but zero; divided by their length here, in place.</param>
    /// <param name="mean">m, <c>[inputDims]</c>.</param>
    /// <exception cref="ModelException">The sizes do not fit.</exception>
    public LinearDecoder(string modelId, float[] atoms, float[] mean)
    {
        if (mean.Length == 0 || atoms.Length == 0 || atoms.Length % mean.Length != 0)
            throw new ModelException(ProblemTypes.CorruptArtifact,
                $"The dictionary of model {modelId} has {atoms.Length} values of atoms for {mean.Length} dimensions; expected a whole number of atoms. Train the model again.");
        ModelId = modelId;
        Atoms = atoms;
        Mean = mean;
        InputDims = mean.Length;
        LatentDims = atoms.Length / mean.Length;
        AtomLengths = new float[LatentDims];
        for (int latent = 0; latent < LatentDims; latent++)
        {
            Span<float> atom = atoms.AsSpan(latent * InputDims, InputDims);
            float norm = AtomLengths[latent] = TensorPrimitives.Norm<float>(atom);
            // An atom without a direction stays as it is: no row has a product with it, so no code uses it.
            if (norm > 0)
                TensorPrimitives.Divide(atom, norm, atom);
        }
        MeanSquared = TensorPrimitives.SumOfSquares<float>(mean);
        MeanProducts = new float[LatentDims];
        RowProducts.Multiply(mean, atoms, InputDims, MeanProducts);
        gram = new Lazy<float[]>(MakeGram);
    }

    /// <summary>The model that it belongs to.</summary>
    public string ModelId { get; }

    /// <summary>Atoms.</summary>
    public int LatentDims { get; }

    /// <summary>Length of an embedding.</summary>
    public int InputDims { get; }

    /// <summary>Atoms of unit length, row-major <c>[latentDims, inputDims]</c>.</summary>
    public float[] Atoms { get; }

    /// <summary>Lengths that the atoms had, <c>[latentDims]</c>: what an encoder code's values are to be multiplied by before they count for unit atoms.</summary>
    public float[] AtomLengths { get; }

    /// <summary>m, <c>[inputDims]</c>.</summary>
    public float[] Mean { get; }

    /// <summary>Products of the atoms with the mean, <c>[latentDims]</c>.</summary>
    public float[] MeanProducts { get; }

    /// <summary>|m|².</summary>
    public float MeanSquared { get; }

    /// <summary>Products of all atoms with one another, <c>[latentDims, latentDims]</c>; made when it is asked for first.</summary>
    public float[] Gram => gram.Value;

    /// <summary>Reads a model's <c>dictionary.npz</c>.</summary>
    /// <param name="stream">The file, from a stream that can seek; closed here.</param>
    /// <param name="modelId">The model.</param>
    /// <exception cref="ModelException">It is damaged, or the model's decoder is not linear.</exception>
    public static LinearDecoder Read(Stream stream, string modelId)
    {
        using NpzReader npz = NpzReader.Open($"the dictionary of model {modelId}", stream);
        if (!npz.Names.Contains("atoms") && npz.Names.Contains("decoder"))
            throw new ModelException(ProblemTypes.UnsupportedContent,
                $"Model {modelId} has a sigmoid decoder (recipe seed): it rebuilds no embedding from a sum of atoms, so there is no pursuit and no asymmetric score. Use coding \"encoder\", or train with another recipe.");
        NpyArray<float> atoms = npz.Read<float>("atoms"), mean = npz.Read<float>("mean");
        if (!TensorPrimitives.IsFiniteAll<float>(atoms.Values) || !TensorPrimitives.IsFiniteAll<float>(mean.Values))
            throw npz.Corrupt("atoms or mean hold NaN or infinity");
        return new LinearDecoder(modelId, atoms.Values, mean.Values);
    }

    /// <summary>The first atoms alone, as a dictionary of its own.</summary>
    /// <param name="latentDims">How many, from 1 to <see cref="LatentDims"/>.</param>
    public LinearDecoder Prefix(int latentDims)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(latentDims, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(latentDims, LatentDims);
        return latentDims == LatentDims ? this : new LinearDecoder(ModelId, Atoms[..(latentDims * InputDims)], Mean);
    }

    /// <summary>Rebuilds an embedding from a code.</summary>
    /// <param name="code">A code of this dictionary.</param>
    /// <param name="decoded">Receives x̂ = m + Σ_j z_j atom_j, <c>[inputDims]</c>.</param>
    public void Decode(SparseCode code, Span<float> decoded)
    {
        Mean.CopyTo(decoded);
        for (int i = 0; i < code.Indices.Length; i++)
            TensorPrimitives.MultiplyAdd(Atoms.AsSpan(code.Indices[i] * InputDims, InputDims), code.Values[i], decoded, decoded);
    }

    /// <summary>Rebuilds an embedding from the encoder's code.</summary>
    /// <param name="code">A code of the model's encoder, its values not scaled.</param>
    /// <param name="decoded">Receives x̂ = m + D̃z as the trained network has it, <c>[inputDims]</c>.</param>
    public void DecodeEncoderCode(SparseCode code, Span<float> decoded)
    {
        Mean.CopyTo(decoded);
        for (int i = 0; i < code.Indices.Length; i++)
            TensorPrimitives.MultiplyAdd(Atoms.AsSpan(code.Indices[i] * InputDims, InputDims), code.Values[i] * AtomLengths[code.Indices[i]], decoded, decoded);
    }

    private float[] MakeGram()
    {
        const int rows = 64;
        var products = new float[checked(LatentDims * LatentDims)];
        Parallel.For(0, (LatentDims + rows - 1) / rows, block =>
        {
            int first = block * rows, count = Math.Min(rows, LatentDims - first);
            RowProducts.Multiply(Atoms.AsSpan(first * InputDims, count * InputDims), Atoms, InputDims, products.AsSpan(first * LatentDims, count * LatentDims));
        });
        return products;
    }
}

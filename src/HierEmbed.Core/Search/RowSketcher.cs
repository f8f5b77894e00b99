using System.Numerics.Tensors;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Numerics;
using HierEmbed.Core.Quantization;

namespace HierEmbed.Core.Search;

/// <summary>Makes sketches of rows from their codes. Thread-safe.</summary>
internal sealed class RowSketcher
{
    private readonly int axes;
    private readonly float[] atoms;
    private readonly float[] mean;
    private readonly ScalarQuantizer[] quantizers;

    /// <param name="strongest">The axes, <c>[axes, inputDims]</c>, at most <see cref="SketchAxes.SketchDims"/>.</param>
    /// <param name="sample">Decoded rows of unit length, <c>[rows, inputDims]</c>: levels fit them.</param>
    /// <param name="dictionary">The dictionary.</param>
    public RowSketcher(ReadOnlySpan<float> strongest, ReadOnlySpan<float> sample, LinearDecoder dictionary)
    {
        int dims = dictionary.InputDims, rows = sample.Length / dims;
        axes = strongest.Length / dims;
        atoms = new float[dictionary.LatentDims * axes];
        RowProducts.Multiply(dictionary.Atoms, strongest, dims, atoms);
        mean = new float[axes];
        RowProducts.Multiply(dictionary.Mean, strongest, dims, mean);
        var coordinates = new float[axes * rows];
        RowProducts.Multiply(strongest, sample, dims, coordinates);
        quantizers = new ScalarQuantizer[axes];
        Levels = new float[SketchAxes.SketchDims * SketchAxes.Levels];
        for (int axis = 0; axis < axes; axis++)
        {
            Span<float> own = coordinates.AsSpan(axis * rows, rows);
            own.Sort();
            quantizers[axis] = LloydMax.Fit(own, SketchAxes.Levels);
            quantizers[axis].Levels.CopyTo(Levels.AsSpan(axis * SketchAxes.Levels));
        }
    }

    /// <summary><c>[SketchDims, Levels]</c>; zeros where there are fewer axes.</summary>
    public float[] Levels { get; }

    /// <summary>Sketches a row.</summary>
    /// <param name="latents">Its active latents.</param>
    /// <param name="values">Their values.</param>
    /// <param name="norm">|x̂|.</param>
    /// <param name="sketch">Receives <c>[SketchBytes]</c>: four axes a byte, the first in its lowest bits.</param>
    public void Sketch(ReadOnlySpan<int> latents, ReadOnlySpan<float> values, float norm, Span<byte> sketch)
    {
        Span<float> coordinates = stackalloc float[axes];
        mean.CopyTo(coordinates);
        for (int i = 0; i < latents.Length; i++)
            TensorPrimitives.MultiplyAdd(atoms.AsSpan(latents[i] * axes, axes), values[i], coordinates, coordinates);
        sketch.Clear();
        for (int axis = 0; axis < axes; axis++)
            sketch[axis / 4] |= (byte)(quantizers[axis].Index(coordinates[axis] / norm) << (2 * (axis % 4)));
    }
}

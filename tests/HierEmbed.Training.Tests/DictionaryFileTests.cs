using HierEmbed.Core.Codes;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;
using HierEmbed.Training.Export;

namespace HierEmbed.Training.Tests;

public sealed class DictionaryFileTests
{
    [Theory]
    [InlineData(ScalingMode.None)]
    [InlineData(ScalingMode.Centre)]
    [InlineData(ScalingMode.Global)]
    [InlineData(ScalingMode.Standard)]
    public void Write_TopK_ReconstructsInTheSpaceOfNormalizedEmbeddings(ScalingMode scaling)
    {
        SmallTraining small = SmallTraining.Of("sparse", r => r with { Scaling = scaling });
        TrainedNetwork network = small.Train();
        using NpzReader file = Written(small, network);
        Assert.Equal(["atoms", "mean"], file.Names);
        (float[] atoms, long[] shape) = Read(file, "atoms");
        float[] mean = Read(file, "mean").Values;
        Assert.Equal([48, 16], shape);

        ReadOnlySpan<float> row = ScaledRows.From(small.Rows.Validation, small.Scaler, small.Recipe).Row(5);
        var preActivations = new float[48];
        network.PreActivations(row, preActivations);
        SparseCode code = CodeTruncation.KeepLargest(preActivations, 4);
        for (int dim = 0; dim < 16; dim++)
        {
            double scaled = network.DecoderBias[dim], published = mean[dim];
            for (int i = 0; i < code.Indices.Length; i++)
            {
                scaled += code.Values[i] * (double)network.Decoder[(code.Indices[i] * 16) + dim];
                published += code.Values[i] * (double)atoms[(code.Indices[i] * 16) + dim];
            }
            double expected = small.Scaler.Mean[dim] + (small.Scaler.Scale[dim] * scaled);
            Assert.Equal(expected, published, 1e-6); // the published values are rounded to float32
        }
    }

    [Fact]
    public void Write_SigmoidOutput_KeepsTheDecoderAndTheScalerApart()
    {
        SmallTraining small = SmallTraining.Of("seed");
        TrainedNetwork network = small.Train();
        using NpzReader file = Written(small, network);
        Assert.Equal(["decoder", "bias", "scaler_mean", "scaler_scale"], file.Names);
        Assert.Equal(network.Decoder, Read(file, "decoder").Values);
        Assert.Equal(network.DecoderBias, Read(file, "bias").Values);
        Assert.Equal(small.Scaler.Scale.Select(s => (float)s), Read(file, "scaler_scale").Values);
    }

    private static NpzReader Written(SmallTraining small, TrainedNetwork network)
    {
        var stream = new MemoryStream();
        DictionaryFile.Write(stream, network, small.Scaler, small.Recipe);
        stream.Position = 0;
        return NpzReader.Open("dictionary.npz", stream);
    }

    private static (float[] Values, long[] Shape) Read(NpzReader file, string member)
    {
        NpyArray<float> array = file.Read<float>(member);
        return (array.Values, array.Shape);
    }
}

using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;

namespace HierEmbed.Core.Tests.Codes.Pursuit;

public sealed class LinearDecoderTests
{
    [Fact]
    public void Read_AtomsAndMean_GivesAtomsOfUnitLengthAndTheirProducts()
    {
        LinearDecoder dictionary = LinearDecoder.Read(Npz(("atoms", [3, 4, 0, 2], [2, 2]), ("mean", [0.5f, 1], [2])), "model-1");
        Assert.Equal(("model-1", 2, 2), (dictionary.ModelId, dictionary.LatentDims, dictionary.InputDims));
        Assert.Equal([0.6f, 0.8f, 0, 1], dictionary.Atoms);
        Assert.Equal(1.25, dictionary.MeanSquared, 1e-6);
        Assert.Equal(1.1, dictionary.MeanProducts[0], 1e-6);
        Assert.Equal(1, dictionary.MeanProducts[1], 1e-6);
        float[] gram = dictionary.Gram;
        Assert.Equal(1, gram[0], 1e-6);
        Assert.Equal(0.8, gram[1], 1e-6);
        Assert.Equal(0.8, gram[2], 1e-6);
        var decoded = new float[2];
        dictionary.Decode(new SparseCode(2, [0, 1], [2, -1], 0), decoded);
        Assert.Equal(1.7, decoded[0], 1e-6);
        Assert.Equal(1.6, decoded[1], 1e-6);
        LinearDecoder first = dictionary.Prefix(1);
        Assert.Equal((1, "model-1"), (first.LatentDims, first.ModelId));
        Assert.Equal([0.6f, 0.8f], first.Atoms);
    }

    [Fact]
    public void Read_SigmoidDecoder_SaysThatThereIsNoPursuit()
    {
        ModelException e = Assert.Throws<ModelException>(() =>
            LinearDecoder.Read(Npz(("decoder", [1, 2], [1, 2]), ("bias", [0, 0], [2]), ("scaler_mean", [0, 0], [2]), ("scaler_scale", [1, 1], [2])), "seed-1"));
        Assert.Equal(ProblemTypes.UnsupportedContent, e.Type);
        Assert.Contains("seed-1", e.Message, StringComparison.Ordinal);
        Assert.Contains("sigmoid", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SizesThatDoNotFit_AreRefused()
    {
        Assert.Equal(ProblemTypes.CorruptArtifact, Assert.Throws<ModelException>(() => LinearDecoder.Read(Npz(("atoms", [1, 2, 3], [1, 3]), ("mean", [1, 2], [2])), "m")).Type);
        Assert.Equal(ProblemTypes.CorruptArtifact, Assert.Throws<ModelException>(() => LinearDecoder.Read(Npz(("atoms", [1, float.NaN], [1, 2]), ("mean", [1, 2], [2])), "m")).Type);
        Assert.Equal(ProblemTypes.CorruptArtifact, Assert.Throws<ModelException>(() => LinearDecoder.Read(Npz(("mean", [1, 2], [2])), "m")).Type);
        Assert.Equal(ProblemTypes.CorruptArtifact, Assert.Throws<ModelException>(() => LinearDecoder.Read(new MemoryStream([1, 2, 3]), "m")).Type);
    }

    private static MemoryStream Npz(params (string Name, float[] Values, long[] Shape)[] members)
    {
        var stream = new MemoryStream();
        using (var npz = new NpzWriter(stream))
        {
            foreach ((string name, float[] values, long[] shape) in members)
                npz.Add<float>(name, values, shape);
        }
        return new MemoryStream(stream.ToArray());
    }
}

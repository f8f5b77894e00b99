using System.Globalization;
using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Core.Tests;
using HierEmbed.Training.Export;

namespace HierEmbed.Training.Tests;

public sealed class QuantizedEncoderTests
{
    private const int Rows = 40;

    /// <summary>NumPy rounds the float graph's weights and rows anew, multiplies whole numbers, and says how far the int8 graph's weights, scales and answers are from that.</summary>
    private const string NumPy = """
        import json, sys
        import numpy, onnx
        from onnx import numpy_helper
        folder, normalizes = sys.argv[1], sys.argv[2] == "True"
        model = onnx.load(folder + "/int8.onnx")
        onnx.checker.check_model(model, full_check=True)
        whole = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        full = {t.name: numpy_helper.to_array(t) for t in onnx.load(folder + "/float32.onnx").graph.initializer}
        w, b = full["weights"], full["bias"]
        scales = numpy.abs(w).max(axis=1) / numpy.float32(63)
        q = numpy.rint(w / scales[:, None]).astype(numpy.int8)
        x = numpy.load(folder + "/rows.npy")
        if normalizes:
            x = x / numpy.linalg.norm(x, axis=1, keepdims=True)
        step = numpy.abs(x).max(axis=1, keepdims=True) / 127
        u = numpy.rint(x / step).astype(numpy.int32)
        a = (u @ q.T.astype(numpy.int32)) * step * scales + b
        found = numpy.load(folder + "/found.npy")
        print(json.dumps({
            "weights": int((whole["weights"].T != q).sum()), "scales": float(numpy.abs(whole["weight_scales"] / scales - 1).max()),
            "answers": float(numpy.abs(found - a).max()), "largest": float(numpy.abs(a).max()),
            "operators": sorted(set(n.op_type for n in model.graph.node))}))
        """;

    [Theory]
    [InlineData("matryoshka", true)]
    [InlineData("sparse", false)]
    [InlineData("seed", false)]
    public void Write_Int8_IsWhatNumPyMakesOfTheFloatGraph(string preset, bool normalizes)
    {
        SmallTraining small = SmallTraining.Of(preset, r => r with { Epochs = 1, Scaling = ScalingMode.Standard, L2Normalize = normalizes, EncoderPrecision = EncoderPrecision.Int8 });
        TrainedNetwork network = small.Train();
        string folder = Directory.CreateTempSubdirectory("hierembed-").FullName;
        try
        {
            byte[] whole = Export(small, network);
            File.WriteAllBytes(Path.Combine(folder, "int8.onnx"), whole);
            File.WriteAllBytes(Path.Combine(folder, "float32.onnx"), Export(small with { Recipe = small.Recipe with { Recipe = small.Recipe.Recipe with { EncoderPrecision = EncoderPrecision.Float32 } } }, network));
            using var encoder = new ExportedEncoder(whole);
            float[] found = encoder.Run(small.Rows.Validation, 0, Rows, small.Recipe.LatentDims);
            Save(Path.Combine(folder, "found.npy"), found, small.Recipe.LatentDims);
            Save(Path.Combine(folder, "rows.npy"), small.Rows.Validation.Values[..(Rows * small.Recipe.InputDims)], small.Recipe.InputDims);
            JsonElement compared = JsonDocument.Parse(Python.Run(NumPy, folder, normalizes.ToString(CultureInfo.InvariantCulture))).RootElement;

            // A weight half way between two steps may fall to either side: division in float32 against float32 by another route.
            Assert.InRange(compared.GetProperty("weights").GetInt32(), 0, 1);
            Assert.True(compared.GetProperty("scales").GetDouble() < 1e-6);
            // A value of a row that lies half way likewise, and it moves an answer by one step of it.
            Assert.True(compared.GetProperty("answers").GetDouble() < 2e-2 * Math.Max(1, compared.GetProperty("largest").GetDouble()), compared.ToString());
            Assert.Contains("MatMulInteger", compared.GetProperty("operators").ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(OnnxEncoderTests.Cases), MemberType = typeof(OnnxEncoderTests))]
    public void Check_Int8_IsCloseToTheNetwork(string preset, ScalingMode scaling, bool l2Normalize)
    {
        SmallTraining small = Int8(preset, r => r with { Scaling = scaling, L2Normalize = l2Normalize, Epochs = 1 });
        TrainedNetwork network = small.Train();
        double deviation = EncoderParity.Check(Export(small, network), network, small.Scaler, small.Recipe, small.Rows.Validation);
        Assert.InRange(deviation, 1e-5, 0.05);
    }

    [Fact]
    public void Write_Int8_ARowsAnswerDoesNotDependOnOthers()
    {
        SmallTraining small = Int8("sparse", r => r with { Epochs = 1, L2Normalize = false });
        RowMatrix rows = small.Rows.Validation;
        // A row a thousand times as long: a scale for the whole batch would round the others away.
        foreach (ref float value in rows.Values.AsSpan(rows.Dims, rows.Dims))
            value *= 1000;
        using var encoder = new ExportedEncoder(Export(small, small.Train()));
        float[] together = encoder.Run(rows, 0, 5, small.Recipe.LatentDims);
        for (int row = 0; row < 5; row++)
            Assert.Equal(together.AsSpan(row * small.Recipe.LatentDims, small.Recipe.LatentDims).ToArray(), encoder.Run(rows, row, 1, small.Recipe.LatentDims));
    }

    [Fact]
    public void Check_Int8WithOneHugeWeightALatent_IsRefused()
    {
        SmallTraining small = Int8("sparse", r => r with { Epochs = 1, L2Normalize = false });
        TrainedNetwork network = small.Train();
        for (int latent = 0; latent < network.LatentDims; latent++)
            network.Encoder[latent * network.InputDims] = 1000;
        // The dimension that it meets is 0: only what is rounded away is left.
        RowMatrix rows = small.Rows.Validation;
        for (int row = 0; row < rows.Rows; row++)
            rows.Values[row * rows.Dims] = (float)small.Scaler.Mean[0];
        var e = Assert.Throws<ModelException>(() => EncoderParity.Check(Export(small, network), network, small.Scaler, small.Recipe, rows));
        Assert.Equal(ProblemTypes.ExportMismatch, e.Type);
        Assert.Contains("encoderPrecision=float32", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Round_ExtremeWeights_StayInRange()
    {
        QuantizedWeights rounded = QuantizedWeights.Round([0, 0, float.MaxValue, -float.MaxValue, 1e-40f, -2e-40f, 1, -0.25f], latentDims: 4, inputDims: 2);
        Assert.Equal([0, 63, rounded.Values[2], 63, 0, -63, rounded.Values[6], -16], rounded.Values.Select(v => (int)v));
        Assert.Equal(1, rounded.Scales[0]);
        Assert.All(rounded.Values, value => Assert.InRange(value, -63, 63));
        Assert.All(rounded.Scales, scale => Assert.True(float.IsFinite(scale) && scale > 0));
    }

    private static SmallTraining Int8(string preset, Func<Recipe, Recipe> change) => SmallTraining.Of(preset, r => change(r) with { EncoderPrecision = EncoderPrecision.Int8 });

    private static byte[] Export(SmallTraining small, TrainedNetwork network)
    {
        using var stream = new MemoryStream();
        OnnxEncoder.Write(stream, network, small.Scaler, small.Recipe, "words/0123456789abcdef");
        return stream.ToArray();
    }

    private static void Save(string path, float[] values, int dims)
    {
        using FileStream file = File.Create(path);
        NpyWriter.Write<float>(file, values, values.Length / dims, dims);
    }
}

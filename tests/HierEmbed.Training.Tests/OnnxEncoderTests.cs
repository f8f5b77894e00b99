using HierEmbed.Core.Errors;
using HierEmbed.Core.Scaling;
using HierEmbed.Core.Tests;
using HierEmbed.Training.Export;
using Microsoft.ML.OnnxRuntime;

namespace HierEmbed.Training.Tests;

public sealed class OnnxEncoderTests
{
    public static TheoryData<string, ScalingMode, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, ScalingMode, bool>();
            foreach (string preset in new[] { "matryoshka", "sparse", "seed" })
            {
                foreach (ScalingMode scaling in Enum.GetValues<ScalingMode>())
                {
                    cases.Add(preset, scaling, true);
                    cases.Add(preset, scaling, false);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Check_ExportedEncoder_EqualsTheNetwork(string preset, ScalingMode scaling, bool l2Normalize)
    {
        SmallTraining small = SmallTraining.Of(preset, r => r with { Scaling = scaling, L2Normalize = l2Normalize, Epochs = 1 });
        TrainedNetwork network = small.Train();
        double deviation = EncoderParity.Check(Export(small, network), network, small.Scaler, small.Recipe, small.Rows.Validation);
        Assert.True(deviation < 1e-5, $"deviation {deviation:g3}");
    }

    [Fact]
    public void Check_ConstantColumns_AreFoldedWithScaleOne()
    {
        RowMatrix rows = WithConstantColumns(SyntheticRows.Sparse(300, 16, 1)), held = WithConstantColumns(SyntheticRows.Sparse(60, 16, 2));
        SmallTraining small = SmallTraining.Of("sparse", r => r with { Scaling = ScalingMode.Standard, L2Normalize = false }, rows, held);
        Assert.Equal(1.0, small.Scaler.Scale[3]);
        TrainedNetwork network = small.Train();
        Assert.True(EncoderParity.Check(Export(small, network), network, small.Scaler, small.Recipe, held) < 1e-5);
    }

    [Fact]
    public void Check_AnotherNetwork_IsRefused()
    {
        SmallTraining small = SmallTraining.Of("sparse", r => r with { Epochs = 1 });
        byte[] onnx = Export(small, small.Train(seed: 1));
        var e = Assert.Throws<ModelException>(() => EncoderParity.Check(onnx, small.Train(seed: 2), small.Scaler, small.Recipe, small.Rows.Validation));
        Assert.Equal(ProblemTypes.ExportMismatch, e.Type);
        Assert.True(e.Message.Length < 300);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(500)]
    public void Check_TruncatedGraph_IsRefused(int length)
    {
        SmallTraining small = SmallTraining.Of("sparse", r => r with { Epochs = 1 });
        TrainedNetwork network = small.Train();
        byte[] onnx = Export(small, network)[..length];
        var e = Assert.Throws<ModelException>(() => EncoderParity.Check(onnx, network, small.Scaler, small.Recipe, small.Rows.Validation));
        Assert.Equal(ProblemTypes.ExportMismatch, e.Type);
    }

    [Fact]
    public void Write_Metadata_IsWhatRuntimesRead()
    {
        SmallTraining small = SmallTraining.Of("matryoshka", r => r with { Epochs = 1 });
        using var session = new InferenceSession(Export(small, small.Train()));
        Assert.Equal("hierembed", session.ModelMetadata.ProducerName);
        var expected = new Dictionary<string, string>
        {
            ["model_id"] = "words/0123456789abcdef",
            ["recipe"] = "matryoshka",
            ["input_dims"] = "16",
            ["latent_dims"] = "48",
            ["activation"] = "signed",
            ["architecture"] = "topK",
            ["l2_normalize"] = "true",
            ["precision"] = "float32",
        };
        Assert.Equal(expected, session.ModelMetadata.CustomMetadataMap);
        Assert.Equal([-1, 16], session.InputMetadata["embedding"].Dimensions);
        Assert.Equal([-1, 48], session.OutputMetadata["pre_activations"].Dimensions);
    }

    [Theory]
    [MemberData(nameof(SmallTraining.Presets), MemberType = typeof(SmallTraining))]
    public void Write_EveryPreset_PassesTheFormatsOwnChecker(string preset)
    {
        SmallTraining small = SmallTraining.Of(preset, r => r with { Epochs = 1 });
        string path = Path.Combine(Path.GetTempPath(), $"hierembed-{Guid.NewGuid():n}.onnx");
        try
        {
            File.WriteAllBytes(path, Export(small, small.Train()));
            const string script = """
                import onnx, sys
                model = onnx.load(sys.argv[1])
                onnx.checker.check_model(model, full_check=True)
                assert model.ir_version == 8 and model.opset_import[0].version == 17
                print([n.op_type for n in model.graph.node])
                """;
            string output = Python.Run(script, path);
            Assert.Equal(preset == "seed" ? "['Gemm']" : "['ReduceL2', 'Div', 'Gemm']", output.Trim());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("seed", "sigmoidOutput")]
    [InlineData("pca", "principalAxes")]
    public void Write_Architecture_IsInTheMetadata(string preset, string expected)
    {
        SmallTraining small = SmallTraining.Of(preset, r => r with { LatentDims = 16 });
        using var session = new InferenceSession(Export(small, small.Train()));
        Assert.Equal(expected, session.ModelMetadata.CustomMetadataMap["architecture"]);
    }

    private static byte[] Export(SmallTraining small, TrainedNetwork network)
    {
        using var stream = new MemoryStream();
        OnnxEncoder.Write(stream, network, small.Scaler, small.Recipe, "words/0123456789abcdef");
        return stream.ToArray();
    }

    private static RowMatrix WithConstantColumns(RowMatrix rows)
    {
        for (int row = 0; row < rows.Rows; row++)
            (rows.Values[(row * rows.Dims) + 3], rows.Values[(row * rows.Dims) + 7]) = (0, 4.25f);
        return rows;
    }
}

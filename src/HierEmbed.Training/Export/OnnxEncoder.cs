using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Export.Onnx;
using static HierEmbed.Training.Export.Onnx.AttributeProto.Types;

namespace HierEmbed.Training.Export;

/// <summary>Writes the encoder as an ONNX graph from the raw embedding to the pre-activations.</summary>
/// <remarks>
/// <c>embedding</c> <c>[batch, inputDims]</c> → ReduceL2, Div (where the recipe normalizes) → Gemm → <c>pre_activations</c>
/// <c>[batch, latentDims]</c>, float32, opset 17, IR 8. The choice of the k largest stays outside: it is faster there, and k is a request's.
/// </remarks>
public static class OnnxEncoder
{
    /// <summary>Name of the graph's input.</summary>
    public const string InputName = "embedding";

    /// <summary>Name of the graph's output.</summary>
    public const string OutputName = "pre_activations";

    /// <summary>Writes the graph.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="network">The trained network.</param>
    /// <param name="scaler">Folded into the weights.</param>
    /// <param name="recipe">Its normalization becomes nodes.</param>
    /// <param name="modelId">Dataset and version, for the metadata.</param>
    public static void Write(Stream stream, TrainedNetwork network, StandardScaler scaler, ResolvedRecipe recipe, string modelId)
    {
        var graph = new GraphProto { Name = "encoder" };
        graph.Input.Add(Value(InputName, recipe.InputDims));
        graph.Output.Add(Value(OutputName, recipe.LatentDims));
        string gemmInput = InputName;
        if (recipe.Recipe.L2Normalize)
        {
            graph.Node.Add(Node("ReduceL2", [InputName], "norm", Ints("axes", 1), Int("keepdims", 1)));
            graph.Node.Add(Node("Div", [InputName, "norm"], gemmInput = "normalized"));
        }
        graph.Node.Add(Node("Gemm", [gemmInput, "weights", "bias"], OutputName, Int("transB", 1)));
        (float[] weights, float[] bias) = FoldScaler(network, scaler);
        graph.Initializer.Add(Initializer("weights", weights, recipe.LatentDims, recipe.InputDims));
        graph.Initializer.Add(Initializer("bias", bias, recipe.LatentDims));

        var model = new ModelProto { IrVersion = 8, ProducerName = "hierembed", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        foreach ((string key, string value) in Metadata(recipe, modelId))
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        model.WriteTo(stream);
    }

    // W x' + b with x' = (x − μ) / s is W' x + b' with W' = W / s and b' = b − W (μ / s); in float64, rounded once.
    private static (float[] Weights, float[] Bias) FoldScaler(TrainedNetwork network, StandardScaler scaler)
    {
        var weights = new float[network.Encoder.Length];
        var bias = new float[network.LatentDims];
        for (int latent = 0; latent < network.LatentDims; latent++)
        {
            double shifted = network.EncoderBias[latent];
            for (int dim = 0; dim < network.InputDims; dim++)
            {
                int at = (latent * network.InputDims) + dim;
                double weight = network.Encoder[at] / scaler.Scale[dim];
                weights[at] = (float)weight;
                shifted -= weight * scaler.Mean[dim];
            }
            bias[latent] = (float)shifted;
        }
        return (weights, bias);
    }

    private static Dictionary<string, string> Metadata(ResolvedRecipe recipe, string modelId) => new()
    {
        ["model_id"] = modelId,
        ["recipe"] = recipe.Recipe.Name,
        ["input_dims"] = recipe.InputDims.ToString(CultureInfo.InvariantCulture),
        ["latent_dims"] = recipe.LatentDims.ToString(CultureInfo.InvariantCulture),
        ["activation"] = recipe.Recipe.Activation.ToString().ToLowerInvariant(),
        ["architecture"] = JsonNamingPolicy.CamelCase.ConvertName(recipe.Recipe.Architecture.ToString()),
        ["l2_normalize"] = recipe.Recipe.L2Normalize ? "true" : "false",
    };

    private static NodeProto Node(string type, string[] inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = type };
        node.Input.Add(inputs);
        node.Output.Add(output);
        node.Attribute.Add(attributes);
        return node;
    }

    private static AttributeProto Int(string name, long value) => new() { Name = name, I = value, Type = AttributeType.Int };

    private static AttributeProto Ints(string name, long value)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.Add(value);
        return attribute;
    }

    private static TensorProto Initializer(string name, float[] values, params long[] dims)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Float,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        };
        tensor.Dims.Add(dims);
        return tensor;
    }

    private static ValueInfoProto Value(string name, int dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "batch" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dims });
        var type = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }
}

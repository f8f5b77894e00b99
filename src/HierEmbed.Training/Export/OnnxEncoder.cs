using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Export.Onnx;

namespace HierEmbed.Training.Export;

/// <summary>Writes the encoder as an ONNX graph from the raw embedding to the pre-activations.</summary>
/// <remarks>
/// <c>embedding</c> <c>[batch, inputDims]</c> → ReduceL2, Div (where the recipe normalizes) → Gemm, or its like in whole numbers →
/// <c>pre_activations</c> <c>[batch, latentDims]</c>, float32, opset 17, IR 8. The choice of the k largest stays outside: it is faster there, and k is a request's.
/// </remarks>
public static class OnnxEncoder
{
    /// <summary>Name of the graph's input.</summary>
    public const string InputName = "embedding";

    /// <summary>Name of the graph's output.</summary>
    public const string OutputName = "pre_activations";

    /// <summary>Steps from 0 to the largest magnitude of a row, above and below the zero point.</summary>
    private const int RowSteps = 127;

    /// <summary>Writes the graph.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="network">The trained network.</param>
    /// <param name="scaler">Folded into the weights.</param>
    /// <param name="recipe">Its normalization becomes nodes, its precision decides how rows are multiplied.</param>
    /// <param name="modelId">Dataset and version, for the metadata.</param>
    public static void Write(Stream stream, TrainedNetwork network, StandardScaler scaler, ResolvedRecipe recipe, string modelId)
    {
        var graph = new OnnxGraph();
        string rows = graph.Input(InputName, recipe.InputDims), output = graph.Output(OutputName, recipe.LatentDims);
        if (recipe.Recipe.L2Normalize)
        {
            string norm = graph.Node("ReduceL2", [rows], "norm", OnnxGraph.Ints("axes", 1), OnnxGraph.Int("keepdims", 1));
            rows = graph.Node("Div", [rows, norm], "normalized");
        }
        (float[] weights, float[] bias) = FoldScaler(network, scaler);
        string shift = graph.Constant("bias", bias, recipe.LatentDims);
        if (recipe.Recipe.EncoderPrecision == EncoderPrecision.Int8)
            MultiplyQuantized(graph, rows, QuantizedWeights.Round(weights, recipe.LatentDims, recipe.InputDims), shift, output, recipe);
        else
            graph.Node("Gemm", [rows, graph.Constant("weights", weights, recipe.LatentDims, recipe.InputDims), shift], output, OnnxGraph.Int("transB", 1));

        var model = new ModelProto { IrVersion = 8, ProducerName = "hierembed", Graph = graph.Graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        foreach ((string key, string value) in Metadata(recipe, modelId))
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        model.WriteTo(stream);
    }

    // r = max|x| / 127;   u = x / r, rounded, + 128;   a = (Σ (u − 128) q) · r · scale + b
    // Each row has a scale of its own, in place of DynamicQuantizeLinear's for a whole batch: its code must not depend on the rows that stand beside it.
    private static void MultiplyQuantized(OnnxGraph graph, string rows, QuantizedWeights weights, string bias, string output, ResolvedRecipe recipe)
    {
        string largest = graph.Node("ReduceMax", [graph.Node("Abs", [rows], "magnitudes")], "largest", OnnxGraph.Ints("axes", 1), OnnxGraph.Int("keepdims", 1));
        // A row of zeros has steps above 0 too.
        string above = graph.Node("Max", [largest, graph.Constant("least", [1e-30f])], "above_zero");
        string step = graph.Node("Mul", [above, graph.Constant("step_share", [1f / RowSteps])], "row_step");
        string zero = graph.Constant("zero_point", [(byte)128]);
        string quantized = graph.Node("QuantizeLinear", [graph.Node("Div", [rows, step], "steps"), graph.Constant("one", [1f]), zero], "quantized");
        string sums = graph.Node("MatMulInteger", [quantized, graph.Constant("weights", weights.Values, recipe.InputDims, recipe.LatentDims), zero], "sums");
        string products = graph.Node("Cast", [sums], "products", OnnxGraph.Int("to", (int)TensorProto.Types.DataType.Float));
        string byRow = graph.Node("Mul", [products, step], "by_row");
        string scaled = graph.Node("Mul", [byRow, graph.Constant("weight_scales", weights.Scales, recipe.LatentDims)], "scaled");
        graph.Node("Add", [scaled, bias], output);
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
        ["precision"] = recipe.Recipe.EncoderPrecision.ToString().ToLowerInvariant(),
    };
}

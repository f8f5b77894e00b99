using System.Runtime.InteropServices;
using Google.Protobuf;
using HierEmbed.Training.Export.Onnx;
using static HierEmbed.Training.Export.Onnx.AttributeProto.Types;
using static HierEmbed.Training.Export.Onnx.TensorProto.Types;

namespace HierEmbed.Training.Export;

/// <summary>Builds a graph of the ONNX format node by node.</summary>
internal sealed class OnnxGraph
{
    /// <summary>The graph so far.</summary>
    public GraphProto Graph { get; } = new() { Name = "encoder" };

    /// <summary>Adds the input, <c>[batch, dims]</c>.</summary>
    public string Input(string name, int dims)
    {
        Graph.Input.Add(Rows(name, dims));
        return name;
    }

    /// <summary>Adds the output, <c>[batch, dims]</c>; a node makes it.</summary>
    public string Output(string name, int dims)
    {
        Graph.Output.Add(Rows(name, dims));
        return name;
    }

    /// <summary>Adds a node.</summary>
    /// <returns>Its output.</returns>
    public string Node(string type, string[] inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = output };
        node.Input.Add(inputs);
        node.Output.Add(output);
        node.Attribute.Add(attributes);
        Graph.Node.Add(node);
        return output;
    }

    /// <summary>Adds a constant: float, sbyte or byte; without dims a scalar.</summary>
    /// <returns>Its name.</returns>
    public string Constant<T>(string name, T[] values, params long[] dims) where T : unmanaged
    {
        DataType type = default(T) switch { float => DataType.Float, sbyte => DataType.Int8, byte => DataType.Uint8, _ => throw new ArgumentException($"There are no constants of {typeof(T)}.", nameof(values)) };
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) };
        tensor.Dims.Add(dims);
        Graph.Initializer.Add(tensor);
        return name;
    }

    /// <summary>An attribute that is a whole number.</summary>
    public static AttributeProto Int(string name, long value) => new() { Name = name, I = value, Type = AttributeType.Int };

    /// <summary>An attribute that is a list of one whole number.</summary>
    public static AttributeProto Ints(string name, long value)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.Add(value);
        return attribute;
    }

    private static ValueInfoProto Rows(string name, int dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "batch" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dims });
        var type = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }
}

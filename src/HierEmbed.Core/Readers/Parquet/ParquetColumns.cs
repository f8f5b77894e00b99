using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers.Json;
using ParquetSharp;

namespace HierEmbed.Core.Readers.Parquet;

/// <summary>Which columns of a file are read.</summary>
/// <param name="Vector">Index of the column of numbers.</param>
/// <param name="ElementType">Their type: float16, float32, float64, int8, uint8.</param>
/// <param name="Id">Index of the ids; −1 where there are none.</param>
/// <param name="Text">Index of the texts; −1 where there are none.</param>
/// <param name="Title">Index of the titles; −1 where there are none.</param>
/// <param name="Label">Index of the labels; −1 where there are none.</param>
internal sealed record ParquetColumns(int Vector, string ElementType, int Id, int Text, int Title, int Label)
{
    /// <summary>In the order of preference; the last is that of the quantized sets on the Hugging Face hub.</summary>
    private static readonly string[] VectorNames = [.. JsonRowKeys.Vectors, "emb_int8"];

    /// <summary>Finds the columns.</summary>
    /// <exception cref="EmbeddingFileException">None holds lists of numbers under one of the names.</exception>
    public static ParquetColumns Find(string file, SchemaDescriptor schema)
    {
        // Of each column: its path from the root, whether it is a list of numbers and of what type.
        var paths = new string[schema.NumColumns][];
        var types = new string?[schema.NumColumns];
        for (int column = 0; column < paths.Length; column++)
        {
            ColumnDescriptor descriptor = schema.Column(column);
            using ParquetSharp.Schema.ColumnPath path = descriptor.Path;
            paths[column] = path.ToDotVector();
            types[column] = descriptor.MaxRepetitionLevel == 1 ? TypeOf(descriptor) : null;
        }
        foreach (string name in VectorNames)
        {
            int[] found = [.. Enumerable.Range(0, paths.Length).Where(column => paths[column][0] == name && types[column] is not null)];
            if (found.Length == 1)
                return new(found[0], types[found[0]]!, Flat("_id") is >= 0 and var id ? id : Flat("id"), Flat("text"), Flat("title"), Flat("label"));
        }
        string names = string.Join(", ", paths.Select(path => path[0]).Distinct().Take(8).Select(name => name.Length > 20 ? name[..20] : name));
        throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file, paths.Any(path => path[0] is "emb_binary" or "emb_ubinary")
            ? $"of the columns {names} only packed bits hold embeddings: no numbers to train on. Take the file with emb or emb_int8."
            : $"of the columns {names} none is a list of numbers named {string.Join(", ", VectorNames)}. Rename the column, or make it a list of float32.");

        int Flat(string name) => Array.FindIndex(paths, path => path.Length == 1 && path[0] == name) is >= 0 and var column && schema.Column(column).MaxRepetitionLevel == 0 ? column : -1;
    }

    private static string? TypeOf(ColumnDescriptor descriptor)
    {
        using LogicalType logical = descriptor.LogicalType;
        return descriptor.PhysicalType switch
        {
            PhysicalType.Float => "float32",
            PhysicalType.Double => "float64",
            PhysicalType.FixedLenByteArray when logical.Type == LogicalTypeEnum.Float16 && descriptor.TypeLength == 2 => "float16",
            PhysicalType.Int32 when logical is IntLogicalType { BitWidth: 8 } small => small.IsSigned ? "int8" : "uint8",
            _ => null,
        };
    }
}

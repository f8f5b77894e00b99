using Microsoft.ML;
using Microsoft.ML.Data;

namespace HierEmbed.Training.Evaluation.Labels;

/// <summary>One row as ML.NET takes it.</summary>
internal sealed class Example
{
    public float[] Features { get; set; } = [];

    /// <summary>A key: the class's number from 0. ML.NET stores it as one more, and gives that back.</summary>
    public uint Label { get; set; }

    /// <summary>Rows as ML.NET takes them.</summary>
    public static IDataView View(MLContext context, LabelledRows rows, int dims, int classes)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Example));
        schema[nameof(Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, dims);
        schema[nameof(Label)].ColumnType = new KeyDataViewType(typeof(uint), classes);
        return context.Data.LoadFromEnumerable(
            rows.Classes.Select((number, row) => new Example { Features = rows.Values[(row * dims)..((row + 1) * dims)], Label = (uint)number }), schema);
    }
}

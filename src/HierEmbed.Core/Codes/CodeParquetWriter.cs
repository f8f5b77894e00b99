using ParquetSharp;

namespace HierEmbed.Core.Codes;

/// <summary>Writes codes as Parquet, a row each: <c>id</c> (text, null where there is none), <c>indices</c> (list of int32, from 0), <c>values</c> (list of float).</summary>
/// <remarks>Memory holds one row group. Values are compressed by zstd, which every reader of Parquet knows.</remarks>
public sealed class CodeParquetWriter : ICodeWriter
{
    private const int GroupRows = 16 * 1024;

    private readonly ParquetFileWriter writer;
    private readonly List<string?> ids = new(GroupRows);
    private readonly List<int[]> indices = new(GroupRows);
    private readonly List<float[]> values = new(GroupRows);

    /// <summary>Begins a file.</summary>
    /// <param name="target">Receives it; stays open.</param>
    public CodeParquetWriter(Stream target) =>
        writer = new ParquetFileWriter(target, [new Column<string>("id"), new Column<int[]>("indices"), new Column<float[]>("values")], compression: Compression.Zstd, leaveOpen: true);

    /// <inheritdoc/>
    public void Add(SparseCode code, string? id)
    {
        ids.Add(id);
        indices.Add(code.Indices);
        values.Add(code.Values);
        if (ids.Count == GroupRows)
            WriteGroup();
    }

    /// <inheritdoc/>
    public void Complete()
    {
        WriteGroup();
        writer.Close();
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private void WriteGroup()
    {
        if (ids.Count == 0)
            return;
        using (RowGroupWriter group = writer.AppendRowGroup())
        {
            WriteColumn(group, ids);
            WriteColumn(group, indices);
            WriteColumn(group, values);
        }
        ids.Clear();
        indices.Clear();
        values.Clear();
    }

    private static void WriteColumn<T>(RowGroupWriter group, List<T> rows)
    {
        using LogicalColumnWriter<T> column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows));
    }
}

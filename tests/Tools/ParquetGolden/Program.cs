// Makes the Parquet files of tests/HierEmbed.Core.Tests/Golden/formats:
//   dotnet run --project tests/Tools/ParquetGolden -- tests/HierEmbed.Core.Tests/Golden/formats
// Two writers that share no code: Arrow C++ (through ParquetSharp), which pyarrow, pandas and the Hugging Face hub write with and the
// program reads with, and Parquet.Net, which is C# throughout. The rows are those of make_formats.py.
using Parquet;
using Parquet.Schema;
using ParquetSharp;
using ParquetSharp.Schema;

const int rows = 7, dims = 5;
string folder = args[0];
float[][] ramp = [.. Enumerable.Range(0, rows).Select(r => Enumerable.Range(0, dims).Select(d => r + (d / 8f) - 3).ToArray())];
string[] ids = [.. Enumerable.Range(0, rows).Select(i => $"row-{i}")];
string[] texts = [.. Enumerable.Range(0, rows).Select(i => $"text {i}, \"quoted\"\nand é")];
string[] labels = [.. Enumerable.Range(0, rows).Select(i => $"class {i % 2}")];

// The layout of Cohere/wikipedia-* on the Hugging Face hub, in three row groups of 3, 3 and 1 rows.
foreach ((string name, Compression compression, int groupRows) in new[] { ("wikipedia.parquet", Compression.Snappy, 3), ("wikipedia-zstd.parquet", Compression.Zstd, rows) })
{
    Column[] columns = [new Column<string>("_id"), new Column<string>("url"), new Column<string>("title"), new Column<string>("text"), new Column<float?[]>("emb")];
    using WriterProperties properties = new WriterPropertiesBuilder().Compression(compression).EnablePageChecksum().Build();
    using var writer = new ParquetFileWriter(Path.Combine(folder, name), columns, properties);
    for (int first = 0; first < rows; first += groupRows)
    {
        int count = Math.Min(groupRows, rows - first);
        using RowGroupWriter group = writer.AppendRowGroup();
        Write(group, ids[first..(first + count)]);
        Write(group, ids[first..(first + count)]);
        Write(group, labels[first..(first + count)]);
        Write(group, texts[first..(first + count)]);
        Write(group, ramp[first..(first + count)].Select(row => row.Select(value => (float?)value).ToArray()).ToArray());
    }
    writer.Close();
}

// Its quantized twin, with integer ids.
{
    Column[] columns = [new Column<long>("_id"), new Column<sbyte[]>("emb_int8"), new Column<byte[]>("emb_ubinary")];
    using var writer = new ParquetFileWriter(Path.Combine(folder, "int8.parquet"), columns);
    using RowGroupWriter group = writer.AppendRowGroup();
    Write(group, Enumerable.Range(0, rows).Select(i => (long)i).ToArray());
    Write(group, Enumerable.Range(0, rows).Select(r => Enumerable.Range(0, dims).Select(d => (sbyte)((r * 10) + d - 50)).ToArray()).ToArray());
    Write(group, Enumerable.Range(0, rows).Select(r => new byte[] { (byte)r }).ToArray());
    writer.Close();
}

// The other types, required and without a list around what repeats; byte stream split, as float columns are written that are to shrink.
{
    using var writer = new ParquetFileWriter(Path.Combine(folder, "float64.parquet"), [new Column<double[]>("vector")]);
    using RowGroupWriter group = writer.AppendRowGroup();
    Write(group, ramp.Select(row => row.Select(value => (double)value).ToArray()).ToArray());
    writer.Close();
}
{
    using var item = new PrimitiveNode("element", Repetition.Required, LogicalType.Float16(), PhysicalType.FixedLenByteArray, primitiveLength: 2);
    using var list = new GroupNode("list", Repetition.Repeated, [item]);
    using var values = new GroupNode("values", Repetition.Optional, [list], LogicalType.List());
    using var label = new PrimitiveNode("label", Repetition.Required, LogicalType.None(), PhysicalType.Int32);
    using var schema = new GroupNode("schema", Repetition.Required, [values, label]);
    using WriterProperties properties = new WriterPropertiesBuilder().Compression(Compression.Brotli).Build();
    using var writer = new ParquetFileWriter(Path.Combine(folder, "float16.parquet"), schema, properties);
    using RowGroupWriter group = writer.AppendRowGroup();
    Write(group, ramp.Select(row => row.Select(value => (Half)value).ToArray()).ToArray());
    Write(group, Enumerable.Range(0, rows).ToArray());
    writer.Close();
}
{
    using var item = new PrimitiveNode("emb", Repetition.Repeated, LogicalType.None(), PhysicalType.Float);
    using var schema = new GroupNode("schema", Repetition.Required, [item]);
    using WriterProperties properties = new WriterPropertiesBuilder().DisableDictionary().Encoding(ParquetSharp.Encoding.ByteStreamSplit).Build();
    using var writer = new ParquetFileWriter(Path.Combine(folder, "repeated.parquet"), schema, properties);
    using RowGroupWriter group = writer.AppendRowGroup();
    using var column = (ColumnWriter<float>)group.NextColumn();
    short[] repetitions = [.. Enumerable.Range(0, rows * dims).Select(i => (short)(i % dims == 0 ? 0 : 1))];
    column.WriteBatch(rows * dims, Enumerable.Repeat((short)1, rows * dims).ToArray(), repetitions, ramp.SelectMany(row => row).ToArray());
    column.Dispose();
    writer.Close();
}

// Written by Parquet.Net.
{
    var id = new DataField<string>("id");
    var text = new DataField<string>("text");
    var label = new DataField<string>("label");
    var item = new DataField<float>("element");
    var schema = new ParquetSchema(id, text, label, new ListField("embedding", item));
    await using FileStream file = File.Create(Path.Combine(folder, "parquet-net.parquet"));
    await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file, new ParquetOptions { CompressionMethod = CompressionMethod.Gzip });
    using ParquetRowGroupWriter group = writer.CreateRowGroup();
    await group.WriteAsync(id, ids);
    await group.WriteAsync(text, texts);
    await group.WriteAsync(label, labels);
    int[] repetitions = [.. Enumerable.Range(0, rows * dims).Select(i => i % dims == 0 ? 0 : 1)];
    int[] definitions = [.. Enumerable.Repeat(item.MaxDefinitionLevel, rows * dims)];
    await group.WriteAllPartsAsync<float>(item, ramp.SelectMany(row => row).ToArray(), definitions, repetitions, CancellationToken.None);
}

static void Write<T>(RowGroupWriter group, T[] values)
{
    using LogicalColumnWriter<T> column = group.NextColumn().LogicalWriter<T>();
    column.WriteBatch(values);
}

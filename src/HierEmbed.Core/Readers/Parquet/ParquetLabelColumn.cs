using System.Globalization;
using ParquetSharp;

namespace HierEmbed.Core.Readers.Parquet;

/// <summary>One column of ids, texts or labels of one row group, as texts.</summary>
internal sealed class ParquetLabelColumn : IDisposable
{
    private const int BatchRows = 256;

    /// <summary>A dictionary lets a small file repeat a long text in every row; what is longer is cut.</summary>
    private const int MaxTextBytes = 64 * 1024;

    private readonly ColumnReader column;
    // None for types that are no labels: raw bytes, dates of old.
    private readonly Func<int, int>? readBatch;
    private readonly short[] definitions = new short[BatchRows];
    private readonly short valueLevel;
    private Func<int, string?> textOf = static _ => null;
    private int row;
    private int rows;
    private int value;

    /// <summary>Opens the column of a row group.</summary>
    public ParquetLabelColumn(RowGroupReader group, int index)
    {
        column = group.Column(index);
        try
        {
            _ = column.HasNext;
            valueLevel = column.ColumnDescriptor.MaxDefinitionLevel;
            bool unsigned = column.ColumnDescriptor.LogicalType is IntLogicalType { IsSigned: false };
            readBatch = column switch
            {
                ColumnReader<int> integers when unsigned => Batches(integers, static number => ((uint)number).ToString(CultureInfo.InvariantCulture)),
                ColumnReader<long> integers when unsigned => Batches(integers, static number => ((ulong)number).ToString(CultureInfo.InvariantCulture)),
                ColumnReader<ByteArray> texts => Batches(texts, Decode),
                ColumnReader<int> integers => Batches(integers, static number => number.ToString(CultureInfo.InvariantCulture)),
                ColumnReader<long> integers => Batches(integers, static number => number.ToString(CultureInfo.InvariantCulture)),
                ColumnReader<double> numbers => Batches(numbers, static number => number.ToString(CultureInfo.InvariantCulture)),
                ColumnReader<float> numbers => Batches(numbers, static number => number.ToString(CultureInfo.InvariantCulture)),
                ColumnReader<bool> flags => Batches(flags, static flag => flag ? "true" : "false"),
                _ => null,
            };
        }
        catch
        {
            column.Dispose();
            throw;
        }
    }

    /// <summary>Passes over a row.</summary>
    public void Skip() => Next();

    /// <summary>Reads the next row's text; null where there is none.</summary>
    public string? Read() => Next() is >= 0 and var at ? textOf(at) : null;

    public void Dispose() => column.Dispose();

    /// <summary>Moves to the next row.</summary>
    /// <returns>Place of its value in the batch; −1 where it has none.</returns>
    private int Next()
    {
        if (readBatch is null)
            return -1;
        if (row == rows)
        {
            (row, rows, value) = (0, 0, 0);
            while (rows == 0 && column.HasNext)
                rows = readBatch(BatchRows);
            if (rows == 0)
                throw new InvalidDataException("A column has fewer rows than the embeddings.");
        }
        return definitions[row++] == valueLevel ? value++ : -1;
    }

    private Func<int, int> Batches<T>(ColumnReader<T> reader, Func<T, string?> text) where T : unmanaged
    {
        var stored = new T[BatchRows];
        // Bytes point into a page that stays until the next batch is read: a text is made only where its row is asked for.
        textOf = at => text(stored[at]);
        return wanted => (int)reader.ReadBatch(wanted, definitions, [], stored, out _);
    }

    private static unsafe string? Decode(ByteArray bytes) => System.Text.Encoding.UTF8.GetString((byte*)bytes.Pointer, Math.Clamp(bytes.Length, 0, MaxTextBytes));
}

using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ParquetSharp;

namespace HierEmbed.Core.Readers.Parquet;

/// <summary>The lists of numbers of one row group, a page at a time.</summary>
internal sealed class ParquetVectorColumn : IDisposable
{
#if DEBUG
    // Small, so that tests meet rows that go on over several batches.
    private const int BatchLevels = 7;
#else
    private const int BatchLevels = 16 * 1024;
#endif

    private readonly ColumnReader column;
    private readonly Func<int> readBatch;
    private readonly short[] definitions = new short[BatchLevels];
    private readonly short[] repetitions = new short[BatchLevels];
    private readonly float[] values = new float[BatchLevels];
    private readonly short valueLevel;
    private readonly short itemLevel;
    private long levelsLeft;
    private int level;
    private int levels;
    private int value;

    /// <summary>Opens the column of a row group.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="index">The column.</param>
    /// <param name="declaredLevels">Values that the row group declares, nulls counted: no more are read.</param>
    public ParquetVectorColumn(RowGroupReader group, int index, long declaredLevels)
    {
        column = group.Column(index);
        try
        {
            _ = column.HasNext;
            levelsLeft = declaredLevels;
            ColumnDescriptor descriptor = column.ColumnDescriptor;
            using ParquetSharp.Schema.Node node = descriptor.SchemaNode;
            valueLevel = descriptor.MaxDefinitionLevel;
            itemLevel = (short)(valueLevel - (node.Repetition == Repetition.Optional ? 1 : 0));
            readBatch = column switch
            {
                ColumnReader<float> singles => () => ReadSingles(singles),
                ColumnReader<double> doubles => Converted(doubles, static (stored, converted) => TensorPrimitives.ConvertTruncating<double, float>(stored, converted)),
                ColumnReader<int> integers => Converted(integers, static (stored, converted) => TensorPrimitives.ConvertTruncating<int, float>(stored, converted)),
                ColumnReader<FixedLenByteArray> halves => Converted(halves, ConvertHalves),
                _ => throw new InvalidDataException("The column's type differs between the footer and the row group."),
            };
        }
        catch
        {
            column.Dispose();
            throw;
        }
    }

    /// <summary>Whether every level was read.</summary>
    public bool AtEnd => level == levels && (levelsLeft == 0 || !Fill());

    /// <summary>Reads the next row. A null in the list is NaN; a null for the list is an empty row.</summary>
    /// <param name="row">Where its numbers are added.</param>
    /// <returns>False where the column ends before it.</returns>
    public bool TryRead(ParsedRow row)
    {
        if (AtEnd)
            return false;
        if (repetitions[level] != 0)
            throw new InvalidDataException("A row begins in the middle of a list.");
        bool first = true;
        do
        {
            // Up to the next row's first level, or the batch's end.
            ReadOnlySpan<short> rest = repetitions.AsSpan(level + (first ? 1 : 0), levels - level - (first ? 1 : 0));
            int next = rest.IndexOf((short)0);
            int count = (next < 0 ? rest.Length : next) + (first ? 1 : 0);
            Take(definitions.AsSpan(level, count), row);
            level += count;
            first = false;
            if (next >= 0)
                return true;
        }
        while (!AtEnd && repetitions[level] != 0);
        return true;
    }

    public void Dispose() => column.Dispose();

    private void Take(ReadOnlySpan<short> items, ParsedRow row)
    {
        if (items.IndexOfAnyExcept(valueLevel) < 0)
        {
            row.Append(Values(items.Length));
            return;
        }
        foreach (short item in items)
        {
            if (item == valueLevel)
                row.Append(Values(1));
            else if (item >= itemLevel)
                row.Append(float.NaN);
        }
    }

    private ReadOnlySpan<float> Values(int count)
    {
        // The library checks levels against values; what it missed is no index into other memory.
        ReadOnlySpan<float> taken = values.AsSpan(value, count);
        value += count;
        return taken;
    }

    private bool Fill()
    {
        (level, levels, value) = (0, 0, 0);
        // A batch may be empty between two pages.
        while (levels == 0 && levelsLeft > 0 && column.HasNext)
            levels = readBatch();
        levelsLeft -= levels;
        return levels > 0;
    }

    private int Wanted => (int)Math.Min(levelsLeft, BatchLevels);

    private int ReadSingles(ColumnReader<float> singles) => (int)singles.ReadBatch(Wanted, definitions, repetitions, values, out _);

    private Func<int> Converted<T>(ColumnReader<T> reader, Conversion<T> convert) where T : unmanaged
    {
        var stored = new T[BatchLevels];
        return () =>
        {
            int read = (int)reader.ReadBatch(Wanted, definitions, repetitions, stored, out long count);
            convert(stored.AsSpan(0, (int)count), values);
            return read;
        };
    }

    private delegate void Conversion<T>(ReadOnlySpan<T> stored, Span<float> converted);

    /// <summary>Two bytes each, little-endian, in memory of the library's.</summary>
    private static unsafe void ConvertHalves(ReadOnlySpan<FixedLenByteArray> stored, Span<float> converted)
    {
        for (int i = 0; i < stored.Length; i++)
            converted[i] = (float)BitConverter.ToHalf(MemoryMarshal.CreateReadOnlySpan(ref *(byte*)stored[i].Pointer, 2));
    }
}

using HierEmbed.Core.Labels;

namespace HierEmbed.Core.Readers;

/// <summary>A reusable block of rows: values <c>[count, dims]</c>, with the row numbers and what else the file says of each row.</summary>
public sealed class EmbeddingBatch
{
    private readonly float[] values;
    private readonly long[] sourceRows;
    private readonly RowLabels[] labels;
    private readonly bool keepsLabels;
    private readonly ILabelSink? labelSink;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="capacity">Rows that it holds at most.</param>
    /// <param name="dims">Length of an embedding.</param>
    /// <param name="keepsLabels">False: ids, texts and labels are empty where a row has them. They are not bounded by dims, so whoever reads large batches and only counts them leaves them out.</param>
    /// <param name="labelSink">Is given ids, texts and labels as the file has them, cleared with the batch.</param>
    public EmbeddingBatch(int capacity, int dims, bool keepsLabels = true, ILabelSink? labelSink = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(dims, 1);
        Capacity = capacity;
        Dims = dims;
        values = new float[checked(capacity * dims)];
        sourceRows = new long[capacity];
        labels = new RowLabels[capacity];
        this.keepsLabels = keepsLabels;
        this.labelSink = labelSink;
    }

    /// <summary>Rows that it holds at most.</summary>
    public int Capacity { get; }

    /// <summary>Length of an embedding.</summary>
    public int Dims { get; }

    /// <summary>Rows that it holds now.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no further row fits.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>The rows, <c>[count, dims]</c>, row after row.</summary>
    public ReadOnlySpan<float> Values => values.AsSpan(0, Count * Dims);

    /// <summary>Row numbers in the file, from 0, <c>[count]</c>.</summary>
    public ReadOnlySpan<long> SourceRows => sourceRows.AsSpan(0, Count);

    /// <summary>Id, text and label of each row where the file has them, each of at most <see cref="RowLabels.MaxLength"/> characters, <c>[count]</c>.</summary>
    public ReadOnlySpan<RowLabels> Labels => labels.AsSpan(0, Count);

    /// <summary>One row, <c>[dims]</c>.</summary>
    public ReadOnlySpan<float> Row(int row) => Values.Slice(row * Dims, Dims);

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Count = 0;
        labelSink?.Clear();
    }

    /// <summary>Where the next row's values go, <c>[dims]</c>; <see cref="Commit"/> makes it a row.</summary>
    public Span<float> NextRow() => values.AsSpan(Count * Dims, Dims);

    /// <summary>Where the next rows' values go, <c>[rows, dims]</c>, for readers that fill many at once.</summary>
    public Span<float> NextRows(int rows) => values.AsSpan(Count * Dims, rows * Dims);

    /// <summary>Makes the values written to <see cref="NextRow"/> a row.</summary>
    /// <param name="sourceRow">Row number in the file, from 0.</param>
    /// <param name="rowLabels">What the file says of the row.</param>
    public void Commit(long sourceRow, RowLabels rowLabels = default)
    {
        sourceRows[Count] = sourceRow;
        labels[Count] = keepsLabels ? rowLabels.Cut() : rowLabels.Presence();
        labelSink?.Add(rowLabels);
        Count++;
    }
}

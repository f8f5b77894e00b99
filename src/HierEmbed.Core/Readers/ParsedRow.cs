namespace HierEmbed.Core.Readers;

/// <summary>One row of a text format as it was parsed, before it is judged. Reused row after row.</summary>
/// <param name="maxDims">Values that are kept at most.</param>
internal sealed class ParsedRow(int maxDims)
{
    private float[] values = new float[Math.Min(1024, maxDims)];
    private int count;

    /// <summary>The numbers; as many as fit where there are too many.</summary>
    public ReadOnlySpan<float> Values => values.AsSpan(0, count);

    /// <summary>Whether there were more numbers than are read.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The type that the row says its numbers are of: float, base64, int8, uint8; null where it says none.</summary>
    public string? ElementType { get; set; }

    /// <summary>The model that made the embedding, where the row names it.</summary>
    public string? ParentModel { get; set; }

    /// <summary>The input type that it was made with, where the row names it.</summary>
    public string? InputType { get; set; }

    /// <summary>Why it is no row of numbers, where it is none.</summary>
    public string? Problem { get; set; }

    /// <summary>What kind of problem that is.</summary>
    public RejectionReason ProblemReason { get; set; }

    /// <summary>Id, text and label.</summary>
    public RowLabels Labels { get; set; }

    /// <summary>Begins a row.</summary>
    public void Clear()
    {
        ClearValues();
        ElementType = ParentModel = InputType = null;
        Problem = null;
        ProblemReason = RejectionReason.NotNumbers;
        Labels = default;
    }

    /// <summary>Begins the row's numbers again.</summary>
    public void ClearValues()
    {
        count = 0;
        IsTooLong = false;
    }

    /// <summary>Adds a number.</summary>
    public void Append(float value)
    {
        if (count == values.Length)
        {
            if (count == maxDims)
            {
                IsTooLong = true;
                return;
            }
            Array.Resize(ref values, (int)Math.Min(maxDims, count * 2L));
        }
        values[count++] = value;
    }

    /// <summary>Room for numbers; <see cref="Commit"/> adds those that were put there.</summary>
    public Span<float> Free() => values.AsSpan(count);

    /// <summary>Adds numbers that were put into <see cref="Free"/>.</summary>
    public void Commit(int added) => count += added;

    /// <summary>Makes more room.</summary>
    /// <returns>False where the row is as long as may be.</returns>
    public bool Grow()
    {
        if (values.Length == maxDims)
            return false;
        Array.Resize(ref values, (int)Math.Min(maxDims, values.Length * 2L));
        return true;
    }

    /// <summary>Adds numbers.</summary>
    public void Append(ReadOnlySpan<float> added)
    {
        if (added.Length > maxDims - count)
        {
            IsTooLong = true;
            added = added[..(maxDims - count)];
        }
        if (added.Length > values.Length - count)
            Array.Resize(ref values, (int)Math.Min(maxDims, Math.Max(count * 2L, count + added.Length)));
        added.CopyTo(values.AsSpan(count));
        count += added.Length;
    }
}

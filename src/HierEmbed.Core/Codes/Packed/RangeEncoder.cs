namespace HierEmbed.Core.Codes.Packed;

/// <summary>An arithmetic coder of integer frequencies (range coder: Martin 1979) into a row of fixed length.</summary>
/// <remarks>
/// The interval [low, low + range) is kept to 56 bits behind the bytes that are settled, and at least 48 bits wide, so with totals of at most 2²⁴ a symbol
/// costs its −log₂(frequency/total) to within 2⁻²³ bits. Nothing marks the end: of all numbers in the last interval the one with most zeros
/// behind the row's end is written, so whatever needs at most 8 · row.Length bits fits.
/// </remarks>
internal ref struct RangeEncoder(Span<byte> row)
{
    internal const int WindowBits = 56;
    internal const ulong MinRange = 1UL << 48;
    private const ulong Window = (1UL << WindowBits) - 1;

    private readonly Span<byte> row = row;
    private ulong low = 0;
    private ulong range = 1UL << WindowBits;
    private int settled = 0;
    private bool overflown = false;

    /// <summary>Writes the symbol that stands at start .. start + frequency of total.</summary>
    /// <param name="start">Frequencies of the symbols before it.</param>
    /// <param name="frequency">Its own, from 1.</param>
    /// <param name="total">Of all symbols, at most 2²⁴.</param>
    public void Write(uint start, uint frequency, uint total)
    {
        ulong unit = range / total;
        low += unit * start;
        range = unit * frequency;
        while (range < MinRange)
        {
            Settle();
            range <<= 8;
        }
    }

    /// <summary>Fills the row up.</summary>
    /// <returns>False where the symbols need more bits than the row has.</returns>
    public bool TryFinish()
    {
        int left = row.Length - settled;
        if (overflown || left < 0)
            return false;
        if (left * 8 < WindowBits)
        {
            ulong step = 1UL << (WindowBits - (left * 8));
            ulong rounded = (low + step - 1) & ~(step - 1);
            if (rounded >= low + range)
                return false;
            low = rounded;
        }
        for (int i = 0; i < left; i++)
            Settle();
        if (left == 0)
            Carry();
        return true;
    }

    private void Settle()
    {
        Carry();
        if (settled < row.Length)
            row[settled++] = (byte)(low >> (WindowBits - 8));
        else
            overflown = true;
        low = (low << 8) & Window;
    }

    private void Carry()
    {
        if (low <= Window)
            return;
        low &= Window;
        int at = settled;
        while (++row[--at] == 0)
        {
        }
    }
}

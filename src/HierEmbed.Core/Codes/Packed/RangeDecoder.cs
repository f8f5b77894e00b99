namespace HierEmbed.Core.Codes.Packed;

/// <summary>Reads what <see cref="RangeEncoder"/> wrote. Every row of bytes reads as some symbols: what is damaged shows in checksums, not here.</summary>
internal ref struct RangeDecoder
{
    private readonly ReadOnlySpan<byte> row;
    private ulong code;
    private ulong range = 1UL << RangeEncoder.WindowBits;
    private ulong unit;
    private int at;

    public RangeDecoder(ReadOnlySpan<byte> row)
    {
        this.row = row;
        for (int i = 0; i < RangeEncoder.WindowBits / 8; i++)
            code = (code << 8) | Next();
    }

    /// <summary>Where in 0 .. total − 1 the next symbol stands; <see cref="Take"/> must follow.</summary>
    public uint Peek(uint total)
    {
        unit = range / total;
        return (uint)Math.Min(code / unit, total - 1);
    }

    /// <summary>Goes past the symbol that <see cref="Peek"/> pointed at.</summary>
    public void Take(uint start, uint frequency)
    {
        code -= unit * start;
        range = unit * frequency;
        while (range < RangeEncoder.MinRange)
        {
            code = (code << 8) | Next();
            range <<= 8;
        }
    }

    /// <summary>Reads a symbol of total equally frequent ones.</summary>
    public int ReadUniform(int total)
    {
        uint symbol = Peek((uint)total);
        Take(symbol, 1);
        return (int)symbol;
    }

    private byte Next() => at < row.Length ? row[at++] : (byte)0;
}

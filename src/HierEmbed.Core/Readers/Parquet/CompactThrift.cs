namespace HierEmbed.Core.Readers.Parquet;

/// <summary>Reads Thrift's compact protocol as far as page headers need it. What is malformed sets <see cref="Failed"/> and ends every loop.</summary>
internal ref struct CompactThrift(ReadOnlySpan<byte> text)
{
    private const int MaxDepth = 16;

    private readonly ReadOnlySpan<byte> text = text;
    private readonly int[] outerFields = new int[MaxDepth];
    private int depth;
    private int field;

    /// <summary>Types as a field's header names them.</summary>
    public enum Kind
    {
        /// <summary>The end of a struct.</summary>
        Stop = 0,

        /// <summary>A field that is true: no value follows.</summary>
        True = 1,

        /// <summary>A field that is false: no value follows.</summary>
        False = 2,

        /// <summary>One byte.</summary>
        Byte = 3,

        /// <summary>Zigzag varint.</summary>
        Int16 = 4,

        /// <summary>Zigzag varint.</summary>
        Int32 = 5,

        /// <summary>Zigzag varint.</summary>
        Int64 = 6,

        /// <summary>Eight bytes.</summary>
        Double = 7,

        /// <summary>A length and as many bytes.</summary>
        Binary = 8,

        /// <summary>Fields up to a stop.</summary>
        Struct = 12,
    }

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Whether something was malformed or missing.</summary>
    public bool Failed { get; private set; }

    /// <summary>Reads a field's header.</summary>
    /// <returns>False at the struct's end.</returns>
    public bool TryField(out int number, out Kind kind)
    {
        int header = Byte();
        kind = (Kind)(header & 15);
        int step = header >> 4;
        number = field = kind == Kind.Stop ? 0 : step > 0 ? field + step : (short)Zigzag();
        return kind != Kind.Stop && !Failed;
    }

    /// <summary>Begins a struct inside the struct.</summary>
    public void Enter()
    {
        if (depth == MaxDepth)
        {
            Failed = true;
            return;
        }
        outerFields[depth++] = field;
        field = 0;
    }

    /// <summary>Ends it.</summary>
    public void Leave() => field = depth > 0 ? outerFields[--depth] : 0;

    /// <summary>Reads a number.</summary>
    public int Int32() => (int)Zigzag();

    /// <summary>Passes over a value. Page headers have no lists and no maps.</summary>
    public void Skip(Kind kind)
    {
        switch (kind)
        {
            case Kind.True or Kind.False: break;
            case Kind.Byte: Advance(1); break;
            case Kind.Int16 or Kind.Int32 or Kind.Int64: Zigzag(); break;
            case Kind.Double: Advance(sizeof(double)); break;
            case Kind.Binary: Advance(Varint()); break;
            case Kind.Struct:
                Enter();
                while (!Failed && TryField(out _, out Kind inner))
                    Skip(inner);
                Leave();
                break;
            default: Failed = true; break;
        }
    }

    private int Byte()
    {
        if (Position < text.Length)
            return text[Position++];
        Failed = true;
        return 0;
    }

    private void Advance(ulong bytes)
    {
        if (bytes > (ulong)(text.Length - Position))
            Failed = true;
        else
            Position += (int)bytes;
    }

    private long Zigzag()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int part = Byte();
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
                return value;
        }
        Failed = true;
        return 0;
    }
}

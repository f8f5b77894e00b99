namespace HierEmbed.Core.Readers.Parquet;

/// <summary>Looks through the headers of a column chunk's pages before native code acts on them: that one allocates, and fills, what a header declares.</summary>
internal static class ParquetPages
{
    /// <summary>A page is a megabyte where nobody asked for another size, and holds one row at least.</summary>
    public const int MaxPageBytes = 256 * 1024 * 1024;

    /// <summary>A header has a minimum and a maximum of its values, which can be texts.</summary>
    private const int MaxHeaderBytes = 16 * 1024 * 1024;

    private const int UsualHeaderBytes = 1024;

    /// <summary>Checks the pages of a chunk.</summary>
    /// <param name="stream">At the chunk's beginning; left anywhere.</param>
    /// <param name="bytes">Bytes of the chunk.</param>
    /// <param name="values">Values that the chunk declares: pages behind them are not looked at, because they are not read.</param>
    /// <exception cref="InvalidDataException">A header is malformed, or a page reaches beyond the chunk or is too large.</exception>
    public static void Check(Stream stream, long bytes, long values)
    {
        long start = stream.Position, at = 0, seen = 0;
        var buffer = new byte[UsualHeaderBytes];
        while (seen < values && at < bytes)
        {
            PageHeader header;
            // From the usual size for each page: one long header must not make every later one as dear.
            for (int size = UsualHeaderBytes; ; size *= 8)
            {
                if (buffer.Length < size)
                    buffer = new byte[size];
                Span<byte> wanted = buffer.AsSpan(0, (int)Math.Min(size, bytes - at));
                stream.Position = start + at;
                int read = stream.ReadAtLeast(wanted, wanted.Length, throwOnEndOfStream: false);
                if (PageHeader.TryRead(wanted[..read], out header))
                    break;
                if (read < size || size >= MaxHeaderBytes)
                    throw new InvalidDataException($"The page header at byte {start + at} is malformed.");
            }
            at += header.HeaderBytes;
            if (header.PackedBytes < 0 || header.PackedBytes > bytes - at || header.Bytes is < 0 or > MaxPageBytes || header.Values < 0)
                throw new InvalidDataException($"The page before byte {start + at} declares {header.PackedBytes} bytes that hold {header.Bytes}.");
            at += header.PackedBytes;
            seen += header.Values;
        }
    }

    /// <summary>What is needed of a page's header, a struct of Thrift's compact protocol.</summary>
    /// <param name="HeaderBytes">Its own length.</param>
    /// <param name="Bytes">Bytes of the page unpacked.</param>
    /// <param name="PackedBytes">Bytes of the page in the file.</param>
    /// <param name="Values">Values of a page of data; 0 for a dictionary.</param>
    private readonly record struct PageHeader(int HeaderBytes, int Bytes, int PackedBytes, int Values)
    {
        private const int BytesField = 2, PackedBytesField = 3, DataField = 5, DataV2Field = 8;

        /// <summary>Reads a header.</summary>
        /// <returns>False where it is malformed or does not end here.</returns>
        public static bool TryRead(ReadOnlySpan<byte> text, out PageHeader header)
        {
            var thrift = new CompactThrift(text);
            int bytes = -1, packed = -1, values = 0;
            while (thrift.TryField(out int field, out CompactThrift.Kind kind))
            {
                if (field is BytesField or PackedBytesField && kind == CompactThrift.Kind.Int32)
                    (field == BytesField ? ref bytes : ref packed) = thrift.Int32();
                else if (field is DataField or DataV2Field && kind == CompactThrift.Kind.Struct)
                    values = FirstInteger(ref thrift);
                else
                    thrift.Skip(kind);
            }
            header = new PageHeader(thrift.Position, bytes, packed, values);
            return !thrift.Failed;
        }

        /// <summary>Reads a struct to its end; its first field is the number of values.</summary>
        private static int FirstInteger(ref CompactThrift thrift)
        {
            int value = 0;
            thrift.Enter();
            while (thrift.TryField(out int field, out CompactThrift.Kind kind))
            {
                if (field == 1 && kind == CompactThrift.Kind.Int32)
                    value = thrift.Int32();
                else
                    thrift.Skip(kind);
            }
            thrift.Leave();
            return value;
        }
    }
}

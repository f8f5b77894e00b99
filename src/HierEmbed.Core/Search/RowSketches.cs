using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HierEmbed.Core.Search;

/// <summary>The sketches of a block's rows, so laid out that many rows are looked up at once (André, Kermarrec and Le Scouarnec 2015). Immutable once filled.</summary>
/// <remarks>Rows stand in groups of 64. A group has 64 bytes for each byte of a sketch; in them row i of the group is at 2i, row 32 + i at 2i + 1.</remarks>
internal static unsafe class RowSketches
{
    /// <summary>Rows that are scored together.</summary>
    public const int GroupRows = 64;

    private const int GroupBytes = GroupRows * SketchAxes.SketchBytes;

    /// <summary>Groups of rows.</summary>
    public static int GroupsOf(int rows) => (rows + GroupRows - 1) / GroupRows;

    /// <summary>Bytes of the sketches of rows.</summary>
    public static int BytesOf(int rows) => GroupsOf(rows) * GroupBytes;

    /// <summary>Puts a row's sketch in its place.</summary>
    public static void Put(Span<byte> sketches, int row, ReadOnlySpan<byte> sketch)
    {
        int place = PlaceOf(row);
        for (int i = 0; i < sketch.Length; i++)
            sketches[place + (i * GroupRows)] = sketch[i];
    }

    /// <summary>Sums the lookups of rows.</summary>
    /// <param name="sketches">The sketches.</param>
    /// <param name="lookups"><see cref="SketchedQuery.Lookups"/>.</param>
    /// <param name="step">Which groups: the first, and every step-th one from there.</param>
    /// <param name="sums">Receives the sums of those groups' rows, one group after the other.</param>
    /// <param name="plain">Whether to do without the widest vectors.</param>
    public static void Sum(ReadOnlySpan<byte> sketches, ReadOnlySpan<byte> lookups, int step, Span<ushort> sums, bool plain = false) =>
        Run(sketches, lookups, step, sums.Length / GroupRows, 0, sums, default, plain);

    /// <summary>Finds the rows whose sums of lookups reach a bound.</summary>
    /// <param name="sketches">The sketches.</param>
    /// <param name="lookups"><see cref="SketchedQuery.Lookups"/>.</param>
    /// <param name="least">The bound.</param>
    /// <param name="reaching">Receives a number for each group; its bit i is set where row i of the group reaches the bound, rows past the last one as well.</param>
    /// <param name="plain">Whether to do without the widest vectors.</param>
    public static void Reaching(ReadOnlySpan<byte> sketches, ReadOnlySpan<byte> lookups, ushort least, Span<ulong> reaching, bool plain = false) =>
        Run(sketches, lookups, 1, reaching.Length, least, default, reaching, plain);

    /// <summary>One row's sum of lookups.</summary>
    /// <param name="sketches">The sketches.</param>
    /// <param name="lookups"><see cref="SketchedQuery.Lookups"/>.</param>
    /// <param name="row">Its number.</param>
    public static ushort SumOf(ReadOnlySpan<byte> sketches, ReadOnlySpan<byte> lookups, int row)
    {
        int sum = 0;
        for (int i = 0, at = PlaceOf(row); i < SketchAxes.SketchBytes; i++, at += GroupRows)
            sum += lookups[(32 * i) + (sketches[at] & 15)] + lookups[(32 * i) + 16 + (sketches[at] >> 4)];
        return (ushort)sum;
    }

    /// <summary>Where the first byte of a row's sketch is.</summary>
    private static int PlaceOf(int row)
    {
        int within = row % GroupRows;
        return (row / GroupRows * GroupBytes) + (within < GroupRows / 2 ? 2 * within : (2 * within) - GroupRows + 1);
    }

    /// <summary>Goes over groups; writes sums, or which of them reach a bound: whichever there is room for.</summary>
    private static void Run(ReadOnlySpan<byte> sketches, ReadOnlySpan<byte> lookups, int step, int groups, ushort least, Span<ushort> sums, Span<ulong> reaching, bool plain)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(groups, ((sketches.Length / GroupBytes) + step - 1) / step, nameof(groups));
        ArgumentOutOfRangeException.ThrowIfNotEqual(lookups.Length, SketchAxes.SketchDims / 2 * 16, nameof(lookups));
        if (Avx512BW.IsSupported && !plain)
            RunWide(ref MemoryMarshal.GetReference(sketches), ref MemoryMarshal.GetReference(lookups), step, groups, least, sums, reaching);
        else
            Run(ref MemoryMarshal.GetReference(sketches), ref MemoryMarshal.GetReference(lookups), step, groups, least, sums, reaching);
    }

    private static void RunWide(ref byte sketches, ref byte lookups, int step, int groups, ushort least, Span<ushort> sums, Span<ulong> reaching)
    {
        // Each table four times over, once for all groups.
        Span<byte> room = stackalloc byte[(SketchAxes.SketchDims / 2 * 64) + 63];
        ref byte tables = ref Unsafe.Add(ref MemoryMarshal.GetReference(room), (int)((64 - (long)(nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(room)) % 64) % 64));
        for (int i = 0; i < SketchAxes.SketchDims / 2 * 4; i++)
            Vector128.LoadUnsafe(ref lookups, (nuint)(i / 4 * 16)).StoreUnsafe(ref tables, (nuint)(16 * i));
        for (int group = 0; group < groups; group += 2)
        {
            // The last group of an odd number stands for its own partner.
            int partner = Math.Min(group + 1, groups - 1);
            nuint one = (nuint)group * (nuint)step * GroupBytes, two = (nuint)partner * (nuint)step * GroupBytes;
            Vector512<ushort> all1 = default, high1 = default, all2 = default, high2 = default;
            for (int i = 0; i < SketchAxes.SketchBytes; i++)
            {
                Vector512<byte> first = Vector512.LoadUnsafe(ref tables, (nuint)(128 * i)), second = Vector512.LoadUnsafe(ref tables, (nuint)((128 * i) + 64));
                // Two lookups are at most 254, a byte. Odd bytes spill over into the sums of even ones, and are taken off in the end.
                Vector512<byte> symbols = Vector512.LoadUnsafe(ref sketches, one + (nuint)(i * GroupRows));
                Vector512<ushort> sum = (Look(first, symbols) + Look(second, (symbols.AsUInt16() >>> 4).AsByte())).AsUInt16();
                all1 += sum;
                high1 += sum >>> 8;
                symbols = Vector512.LoadUnsafe(ref sketches, two + (nuint)(i * GroupRows));
                sum = (Look(first, symbols) + Look(second, (symbols.AsUInt16() >>> 4).AsByte())).AsUInt16();
                all2 += sum;
                high2 += sum >>> 8;
            }
            Put(all1 - (high1 << 8), high1, group, least, sums, reaching);
            Put(all2 - (high2 << 8), high2, partner, least, sums, reaching);
        }
    }

    /// <summary>What the low halves of bytes stand for in a table that is there four times over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Look(Vector512<byte> table, Vector512<byte> symbols) =>
        // A permutation looks at six bits, two of which choose between the same tables.
        Avx512Vbmi.IsSupported ? Avx512Vbmi.PermuteVar64x8(table, symbols) : Avx512BW.Shuffle(table, symbols & Vector512.Create((byte)15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<ushort> first, Vector512<ushort> second, int group, ushort least, Span<ushort> sums, Span<ulong> reaching)
    {
        if (reaching.IsEmpty)
        {
            first.CopyTo(sums[(group * GroupRows)..]);
            second.CopyTo(sums[((group * GroupRows) + (GroupRows / 2))..]);
            return;
        }
        Vector512<ushort> bound = Vector512.Create(least);
        reaching[group] = Vector512.GreaterThanOrEqual(first, bound).ExtractMostSignificantBits() | (Vector512.GreaterThanOrEqual(second, bound).ExtractMostSignificantBits() << (GroupRows / 2));
    }

    private static void Run(ref byte sketches, ref byte lookups, int step, int groups, ushort least, Span<ushort> sums, Span<ulong> reaching)
    {
        Vector128<byte> low = Vector128.Create((byte)15);
        Vector128<ushort> even = Vector128.Create((ushort)255), bound = Vector128.Create(least);
        for (int group = 0; group < groups; group++)
        {
            ulong bits = 0;
            for (int quarter = 0; quarter < 4; quarter++)
            {
                Vector128<ushort> first = default, second = default;
                for (int i = 0; i < SketchAxes.SketchBytes; i++)
                {
                    Vector128<byte> symbols = Vector128.LoadUnsafe(ref sketches, ((nuint)group * (nuint)step * GroupBytes) + (nuint)((i * GroupRows) + (quarter * 16)));
                    Vector128<ushort> sum = (Vector128.ShuffleNative(Vector128.LoadUnsafe(ref lookups, (nuint)(32 * i)), symbols & low)
                        + Vector128.ShuffleNative(Vector128.LoadUnsafe(ref lookups, (nuint)((32 * i) + 16)), (symbols.AsUInt16() >>> 4).AsByte() & low)).AsUInt16();
                    first += sum & even;
                    second += sum >>> 8;
                }
                if (reaching.IsEmpty)
                {
                    first.CopyTo(sums[((group * GroupRows) + (quarter * 8))..]);
                    second.CopyTo(sums[((group * GroupRows) + (GroupRows / 2) + (quarter * 8))..]);
                }
                bits |= (ulong)Vector128.GreaterThanOrEqual(first, bound).ExtractMostSignificantBits() << (quarter * 8);
                bits |= (ulong)Vector128.GreaterThanOrEqual(second, bound).ExtractMostSignificantBits() << ((GroupRows / 2) + (quarter * 8));
            }
            if (!reaching.IsEmpty)
                reaching[group] = bits;
        }
    }
}

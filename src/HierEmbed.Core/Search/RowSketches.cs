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
            RunPlain(ref MemoryMarshal.GetReference(sketches), ref MemoryMarshal.GetReference(lookups), step, groups, least, sums, reaching);
    }

    private static void RunWide(ref byte sketches, ref byte lookups, int step, int groups, ushort least, Span<ushort> sums, Span<ulong> reaching)
    {
        // Each table four times over, once for all groups.
        Span<byte> room = stackalloc byte[(SketchAxes.SketchDims / 2 * 64) + 63];
        ref byte tables = ref Unsafe.Add(ref MemoryMarshal.GetReference(room), (int)((64 - (long)(nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(room)) % 64) % 64));
        for (int i = 0; i < SketchAxes.SketchDims / 2 * 4; i++)
            Vector128.LoadUnsafe(ref lookups, (nuint)(i / 4 * 16)).StoreUnsafe(ref tables, (nuint)(16 * i));
        for (int group = 0; group < groups; group += 4)
        {
            // Past the end the last group stands for others.
            int last = groups - 1, group1 = Math.Min(group + 1, last), group2 = Math.Min(group + 2, last), group3 = Math.Min(group + 3, last);
            ref byte rows0 = ref Group(ref sketches, group, step), rows1 = ref Group(ref sketches, group1, step), rows2 = ref Group(ref sketches, group2, step), rows3 = ref Group(ref sketches, group3, step);
            // Odd bytes spill over into the sums of even ones, and are taken off in the end.
            Vector512<ushort> all0 = default, all1 = default, all2 = default, all3 = default, odd0 = default, odd1 = default, odd2 = default, odd3 = default;
            for (nuint i = 0; i < SketchAxes.SketchBytes; i++)
            {
                Vector512<byte> first = Vector512.LoadUnsafe(ref tables, 128 * i), second = Vector512.LoadUnsafe(ref tables, (128 * i) + 64);
                Vector512<ushort> sums0 = Look(first, second, Vector512.LoadUnsafe(ref rows0, GroupRows * i)), sums1 = Look(first, second, Vector512.LoadUnsafe(ref rows1, GroupRows * i));
                Vector512<ushort> sums2 = Look(first, second, Vector512.LoadUnsafe(ref rows2, GroupRows * i)), sums3 = Look(first, second, Vector512.LoadUnsafe(ref rows3, GroupRows * i));
                all0 += sums0;
                all1 += sums1;
                all2 += sums2;
                all3 += sums3;
                odd0 += sums0 >>> 8;
                odd1 += sums1 >>> 8;
                odd2 += sums2 >>> 8;
                odd3 += sums3 >>> 8;
            }
            Write(all0 - (odd0 << 8), odd0, group, least, sums, reaching);
            Write(all1 - (odd1 << 8), odd1, group1, least, sums, reaching);
            Write(all2 - (odd2 << 8), odd2, group2, least, sums, reaching);
            Write(all3 - (odd3 << 8), odd3, group3, least, sums, reaching);
        }
    }

    private static ref byte Group(ref byte sketches, int group, int step) => ref Unsafe.Add(ref sketches, (nint)group * step * GroupBytes);

    /// <summary>What bytes stand for in two tables that are there four times over: at most 254, a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Look(Vector512<byte> first, Vector512<byte> second, Vector512<byte> symbols)
    {
        Vector512<byte> low = Vector512.Create((byte)15), high = (symbols.AsUInt16() >>> 4).AsByte();
        return Avx512Vbmi.IsSupported
            // A permutation looks at six bits, two of which choose between the same tables.
            ? (Avx512Vbmi.PermuteVar64x8(first, symbols) + Avx512Vbmi.PermuteVar64x8(second, high)).AsUInt16()
            : (Avx512BW.Shuffle(first, symbols & low) + Avx512BW.Shuffle(second, high & low)).AsUInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(Vector512<ushort> first, Vector512<ushort> second, int group, ushort least, Span<ushort> sums, Span<ulong> reaching)
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

    private static void RunPlain(ref byte sketches, ref byte lookups, int step, int groups, ushort least, Span<ushort> sums, Span<ulong> reaching)
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
                    continue;
                }
                bits |= (ulong)Vector128.GreaterThanOrEqual(first, bound).ExtractMostSignificantBits() << (quarter * 8);
                bits |= (ulong)Vector128.GreaterThanOrEqual(second, bound).ExtractMostSignificantBits() << ((GroupRows / 2) + (quarter * 8));
            }
            if (!reaching.IsEmpty)
                reaching[group] = bits;
        }
    }
}

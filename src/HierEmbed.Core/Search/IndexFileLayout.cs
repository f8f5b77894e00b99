using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Search;

/// <summary>The layout of an index file, <c>.index</c>. All numbers are little-endian; floats are float32.</summary>
/// <remarks>
/// <code>
/// header   8  magic "HEINDEX\n"
///          4  format version, 1
///          4  length of the header, a multiple of 64
///          8  rows
///          8  what the index was built of: XXH3 of the code files' footer checksums
///          4  coding: 0 pursuit, 1 encoder
///          4  latentDims
///          4  inputDims; 0: no axes
///          4  axes; 0: none
///          4  whether the atoms' coordinates along the axes follow the axes: 0 or 1
///          4  blocks
///          4  length of the model id
///             model id, UTF-8
///         24  the axes' section: offset, length, XXH3
///             for each block: first row, rows, k, levels, postings (4 bytes each); its section: offset, length, XXH3
///             zeros
///          8  XXH3 of the header before it
/// axes        absent where there are none: scales of the axes, scales of the atoms, the sketches' levels (64 × 4), all float32; axes [axes, inputDims]
///             and atoms [latentDims, axes], a signed byte each
/// blocks      each: levels (float32); records, as CodeRecords says; then for pursuit above 16,384 rows sketches, as RowSketches says; for the encoder
///             above 16,384 rows magnitudes (4 × float32), where lists begin (int32), and the lists' rows (uint16)
/// footer   8  XXH3 of the header
///          8  magic "HEINDEX\n"
/// </code>
/// Sections and their parts begin at multiples of 64. Opening checks header, footer and that every section has the length that the header's numbers give
/// it and lies inside the file; it reads no section but the axes'. Blocks are checked when the index is searched first: their checksums, and every number that
/// is a place in something else.
/// </remarks>
internal static class IndexFileLayout
{
    public const int Version = 1, Alignment = 64, FixedHeaderBytes = 60, HashBytes = 8, FooterBytes = 16, MaxModelIdBytes = 1024, SectionBytes = 24, BlockBytes = 20 + SectionBytes;

    public static ReadOnlySpan<byte> Magic => "HEINDEX\n"u8;

    public static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Lengths of a block's parts.</summary>
    public static long[] BlockParts(FileBlock block, bool sketched, bool listed, int latentDims) =>
    [
        (long)block.Levels * sizeof(float), (long)block.Rows * CodeRecords.BytesOf(block.K),
        .. sketched ? [RowSketches.BytesOf(block.Rows)] : (ReadOnlySpan<long>)[],
        .. listed ? [PostingLists.Magnitudes * sizeof(float), sizeof(int) * (((long)latentDims * PostingLists.ListsPerLatent) + 1), (long)block.Postings * sizeof(ushort)] : (ReadOnlySpan<long>)[],
    ];

    /// <summary>Lengths of the parts of the axes' section.</summary>
    public static long[] AxesParts(int axes, int inputDims, int atoms) =>
        [(long)axes * sizeof(float), (long)atoms * sizeof(float), SketchAxes.SketchDims * SketchAxes.Levels * sizeof(float), (long)axes * inputDims, (long)atoms * axes];

    public static ModelException Corrupt(string name, string found) =>
        new(ProblemTypes.CorruptArtifact, $"{name}: {found}. Delete it: an index is built again from its codes.");
}

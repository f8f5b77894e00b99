namespace HierEmbed.Core.Search;

/// <summary>Codes that an index is built from. Thread-safe.</summary>
internal interface ICodeRows
{
    /// <summary>Codes.</summary>
    long Rows { get; }

    /// <summary>Most active components of one.</summary>
    int K { get; }

    /// <summary>How many there are and of what kind: blocks are planned by it.</summary>
    IndexedCodes Kind { get; }

    /// <summary>What symbols stand for, in units of a row's scale.</summary>
    float[] Levels { get; }

    /// <summary>Reads a code.</summary>
    /// <param name="row">From 0.</param>
    /// <param name="latents">Receives ascending latents, room for k.</param>
    /// <param name="symbols">Receives places in <see cref="Levels"/>, room for k.</param>
    /// <param name="scale">What levels are multiplied with.</param>
    /// <returns>Active components.</returns>
    int Read(long row, Span<int> latents, Span<byte> symbols, out float scale);
}

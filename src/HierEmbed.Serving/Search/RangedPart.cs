namespace HierEmbed.Serving.Search;

/// <summary>A part of a stored artifact.</summary>
/// <param name="Name">The artifact.</param>
/// <param name="Start">Where the part begins.</param>
/// <param name="Bytes">Its length.</param>
internal readonly record struct RangedPart(string Name, long Start, int Bytes)
{
    /// <summary>Behind its last byte.</summary>
    public long End => Start + Bytes;
}

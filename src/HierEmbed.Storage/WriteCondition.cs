namespace HierEmbed.Storage;

/// <summary>What must hold for a write to take place.</summary>
/// <param name="MustBeAbsent">Nothing of that name may be there.</param>
/// <param name="IfMatch">What is there must have this ETag.</param>
public readonly record struct WriteCondition(bool MustBeAbsent, string? IfMatch)
{
    /// <summary>Replaces whatever is there.</summary>
    public static WriteCondition Always => default;

    /// <summary>Put-if-absent.</summary>
    public static WriteCondition IfAbsent => new(true, null);

    /// <summary>Compare-and-swap.</summary>
    /// <param name="etag">The ETag that was read; null: nothing was there.</param>
    public static WriteCondition IfUnchanged(string? etag) => etag is null ? IfAbsent : new(false, etag);
}

namespace HierEmbed.Core.Numpy;

/// <summary>An array that was read back.</summary>
/// <typeparam name="T">Type of its elements.</typeparam>
/// <param name="Values">The values, the last index varying fastest.</param>
/// <param name="Shape">Its sizes; none for a scalar.</param>
public sealed record NpyArray<T>(T[] Values, long[] Shape) where T : unmanaged;

namespace HierEmbed.Core.Numpy;

/// <summary>NumPy's names for the element types that are written and read here.</summary>
internal static class NpyType
{
    /// <summary>The dtype of an element type, in this machine's byte order.</summary>
    /// <exception cref="ArgumentException">It is none of those that are written.</exception>
    public static string Of<T>() where T : unmanaged
    {
        char order = BitConverter.IsLittleEndian ? '<' : '>';
        return default(T) switch
        {
            Half => $"{order}f2",
            float => $"{order}f4",
            double => $"{order}f8",
            int => $"{order}i4",
            long => $"{order}i8",
            sbyte => "|i1",
            byte => "|u1",
            _ => throw new ArgumentException($"{typeof(T).Name} has no dtype here; use Half, float, double, int, long, sbyte or byte."),
        };
    }
}

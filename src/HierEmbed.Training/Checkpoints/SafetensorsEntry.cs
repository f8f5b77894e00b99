namespace HierEmbed.Training.Checkpoints;

/// <summary>One array of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">F32 or I64.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Bytes">Its little-endian values, row-major, written from or read into.</param>
internal sealed record SafetensorsEntry(string Name, string Type, IReadOnlyList<long> Shape, SafetensorsEntry.Buffer Bytes)
{
    /// <summary>Access to the values in place.</summary>
    public delegate Span<byte> Buffer();
}

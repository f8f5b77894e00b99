using HierEmbed.Core.Codes.Pursuit;

namespace HierEmbed.Training.Evaluation.Codings;

/// <summary>Bytes of codes and dictionaries.</summary>
internal static class CodeBytes
{
    /// <summary>A code as matrices hold it: an index of four bytes and a float for each component.</summary>
    public static int Unpacked(int k) => k * (sizeof(int) + sizeof(float));

    /// <summary>Atoms and mean.</summary>
    public static long Of(LinearDecoder dictionary) => sizeof(float) * (dictionary.Atoms.LongLength + dictionary.Mean.LongLength);
}

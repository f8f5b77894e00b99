using System.Numerics.Tensors;

namespace HierEmbed.Cli.Demo;

/// <summary>Nearest rows of a row, itself left out, nearest first.</summary>
internal static class Neighbours
{
    public static int[] ByVectors(Sample sample, int row, int count) =>
        [.. Enumerable.Range(0, sample.Rows).Where(other => other != row)
            .Select(other => (Row: other, Score: TensorPrimitives.Dot(sample.Row(row), sample.Row(other))))
            .OrderByDescending(pair => pair.Score).ThenBy(pair => pair.Row).Take(count).Select(pair => pair.Row)];
}

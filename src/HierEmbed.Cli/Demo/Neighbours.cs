using System.Numerics.Tensors;
using HierEmbed.Core.Codes;

namespace HierEmbed.Cli.Demo;

/// <summary>Nearest rows of a row, itself left out, nearest first.</summary>
internal static class Neighbours
{
    public static int[] ByVectors(Sample sample, int row, int count) =>
        Best(sample.Rows, row, count, other => TensorPrimitives.Dot(sample.Row(row), sample.Row(other)));

    public static int[] ByCodes(IReadOnlyList<SparseCode> codes, int row, int count) =>
        Best(codes.Count, row, count, other => CodeSimilarity.Cosine(codes[row], codes[other]));

    private static int[] Best(int rows, int row, int count, Func<int, float> score) =>
        [.. Enumerable.Range(0, rows).Where(other => other != row).Select(other => (Row: other, Score: score(other)))
            .OrderByDescending(pair => pair.Score).ThenBy(pair => pair.Row).Take(count).Select(pair => pair.Row)];
}

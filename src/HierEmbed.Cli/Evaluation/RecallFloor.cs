using System.Globalization;
using HierEmbed.Core.Evaluation;
using HierEmbed.Training.Evaluation;

namespace HierEmbed.Cli.Evaluation;

/// <summary>A recall@10 that a model's codes of a length must reach, as <c>0.9@32B</c> says it.</summary>
/// <param name="Recall">0 to 1.</param>
/// <param name="Bytes">Bytes a vector.</param>
internal sealed record RecallFloor(double Recall, int Bytes)
{
    /// <summary>Reads one.</summary>
    /// <param name="text">Such as <c>0.9@32B</c>.</param>
    /// <returns>Null where it is none.</returns>
    public static RecallFloor? Parse(string text)
    {
        string[] parts = text.Split('@');
        return parts.Length == 2
            && double.TryParse(parts[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double recall) && recall is >= 0 and <= 1
            && parts[1].EndsWith('B')
            && int.TryParse(parts[1][..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int bytes) && bytes > 0
            ? new RecallFloor(recall, bytes) : null;
    }

    /// <summary>By how much a report falls short, or why it cannot tell, in words; null where it does not.</summary>
    public string? Shortfall(EvaluationReport report)
    {
        ComparedFigures? found = report.Comparison.Figures.FirstOrDefault(entry => !entry.IsBaseline && entry.BudgetBytes == Bytes);
        if (found is null)
            return string.Create(CultureInfo.InvariantCulture, $"recall@10 at {Bytes} bytes was not measured; expected at least {Recall}. {string.Join(' ', report.LeftOut)}").TrimEnd();
        if (report.TestRows < CodeEvaluation.MinRows || (Recall > 0 && LeastRecall(report.TestRows) >= Recall))
            return string.Create(CultureInfo.InvariantCulture, $"recall@10 at {Bytes} bytes says nothing: of {report.TestRows} rows any ranking finds most of the ten nearest. --min-recall needs more rows to search; give files with more.");
        if (report.SeenInTraining)
            return string.Create(CultureInfo.InvariantCulture, $"recall@10 at {Bytes} bytes was measured on rows that training saw, so it says nothing of new ones. Give more rows, or new files and the training's with --fit-on.");
        return found.Figures.Recall10 >= Recall
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"recall@10 at {Bytes} bytes is {found.Figures.Recall10:F4}, {Recall - found.Figures.Recall10:F4} below the {Recall} that --min-recall asks for");
    }

    // Each query has rows − 1 others, ten of them nearest: of any ten, so many are among those.
    private static double LeastRecall(int rows) => (20 - (rows - 1)) / 10.0;
}

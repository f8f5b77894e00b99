namespace HierEmbed.Pipeline.Evaluation;

/// <summary>What a model is to be measured on. Files are named by full path, and as messages call them.</summary>
public sealed record FileEvaluationInput
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Files with rows to measure.</summary>
    public required IReadOnlyList<(string Path, string Shown)> Files { get; init; }

    /// <summary>Files with rows to fit baselines on; null: the training rows among <see cref="Files"/>.</summary>
    public IReadOnlyList<(string Path, string Shown)>? FitOn { get; init; }

    /// <summary>A file that says how rows of <see cref="Files"/> are labelled; null: what they say themselves.</summary>
    public (string Path, string Shown)? Labels { get; init; }

    /// <summary>Whether <see cref="Labels"/> were asked for: what is wrong with them is then an error. Else they were found beside the files, and it is a remark in the report, as in a training.</summary>
    public bool RequiresLabels { get; init; } = true;

    /// <summary>Bytes a row to measure at.</summary>
    public required IReadOnlyList<int> Budgets { get; init; }
}

using HierEmbed.Core.Readers;

namespace HierEmbed.Training.Evaluation;

/// <summary>Rows that an evaluation measures on, and those that baselines and levels are fitted on.</summary>
public sealed record EvaluatedRows
{
    /// <summary>Rows to search, at most <see cref="Core.Evaluation.RetrievalOptions.MaxRows"/>.</summary>
    public required NormalizedRows Test { get; init; }

    /// <summary>Rows that training saw, at most <see cref="Baselines.BaselineCodings.MaxRows"/>.</summary>
    public required NormalizedRows Training { get; init; }

    /// <summary>What the data say of each test row beside its embedding; null where nothing is known.</summary>
    public IReadOnlyList<RowLabels>? TestLabels { get; init; }

    /// <summary>The same of each training row.</summary>
    public IReadOnlyList<RowLabels>? TrainingLabels { get; init; }

    /// <summary>Whether the test rows are rows that training saw, because there are no others.</summary>
    public bool SeenInTraining { get; init; }

    /// <summary>Why there are no labels although a file of labels is there.</summary>
    public string? LabelsProblem { get; init; }

    /// <summary>Rows that share a dictionary: all of the collection.</summary>
    public required long StoredRows { get; init; }
}

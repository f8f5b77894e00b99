namespace HierEmbed.Core.Evaluation;

/// <summary>What a model's codes are worth on rows that training never saw: every figure of the report, and <c>evaluation</c> in <c>metrics.json</c>.</summary>
public sealed record EvaluationReport
{
    /// <summary>Rows that were searched.</summary>
    public required int TestRows { get; init; }

    /// <summary>Rows of them that were queries, each left out of its own answer.</summary>
    public required int Queries { get; init; }

    /// <summary>Whether the test rows are rows that training saw, because the dataset is too small to hold any out.</summary>
    public bool SeenInTraining { get; init; }

    /// <summary>Training rows that baselines and packing levels were fitted on.</summary>
    public required int FittedRows { get; init; }

    /// <summary>Rows that share a dictionary: all of the collection.</summary>
    public required long StoredRows { get; init; }

    /// <summary>Draws queries, rotations and clusters.</summary>
    public required int Seed { get; init; }

    /// <summary>Pursuit codes and every baseline at equal bytes a row.</summary>
    public required ComparisonTable Comparison { get; init; }

    /// <summary>Codes truncated to k components, values not rounded.</summary>
    public required IReadOnlyList<FiguresAtK> ByK { get; init; }

    /// <summary>What leading latents alone are worth; empty for a recipe without prefixes.</summary>
    public IReadOnlyList<FiguresOfPrefix> Prefixes { get; init; } = [];

    /// <summary>How often latents are active, at the largest k measured.</summary>
    public required LatentUse LatentUse { get; init; }

    /// <summary>What codes still say of labels; null where rows have none.</summary>
    public LabelReport? Labels { get; init; }

    /// <summary>Why there are no labels although a file of labels is there; null where nothing is wrong.</summary>
    public string? LabelsProblem { get; init; }

    /// <summary>The notebook's own checks; recipe <c>seed</c> only.</summary>
    public NotebookChecks? Notebook { get; init; }

    /// <summary>Neighbours of a few rows; empty where rows have no texts.</summary>
    public IReadOnlyList<ExampleNeighbours> Examples { get; init; } = [];

    /// <summary>What could not be measured on these rows, and why; empty where all was.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
}

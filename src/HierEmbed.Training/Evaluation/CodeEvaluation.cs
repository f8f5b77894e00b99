using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Evaluation.Baselines;
using HierEmbed.Training.Evaluation.Codings;
using HierEmbed.Training.Evaluation.Labels;

namespace HierEmbed.Training.Evaluation;

/// <summary>Measures what a model's codes are worth, part by part, and puts an <see cref="EvaluationReport"/> together from the parts. Parts may be measured at once, and by different processes.</summary>
/// <remarks>Figures depend on model, rows and seed alone: neither on threads nor on the order of the parts. What cannot be measured is left out, with the reason.</remarks>
public sealed class CodeEvaluation
{
    /// <summary>Numbers of active components that are measured.</summary>
    public static IReadOnlyList<int> DefaultKs { get; } = [8, 16, 32, 64, 128];

    /// <summary>Fewest rows that there is something to find among: ten neighbours out of so many.</summary>
    public const int MinRows = 12;

    private const int PrefixK = 32, LevelRows = 500;

    private readonly EvaluatedModel model;
    private readonly EvaluatedRows rows;
    private readonly int seed, threads;
    private readonly PursuitCoder? coder;
    private readonly Lazy<RetrievalEvaluation> retrieval;
    private readonly Lazy<BaselineCodings> baselines;
    private readonly Lazy<(LabelEvaluation? Evaluation, string? Problem)> labels;
    private readonly Lazy<Examples> examples;

    /// <summary>Takes model and rows; nothing is measured yet.</summary>
    /// <param name="model">What is measured.</param>
    /// <param name="rows">On what, two test rows at least.</param>
    /// <param name="seed">Draws queries, rotations and clusters.</param>
    /// <param name="threads">At most so many at a time; 0: one a core.</param>
    public CodeEvaluation(EvaluatedModel model, EvaluatedRows rows, int seed, int threads)
    {
        this.model = model;
        this.rows = rows;
        this.seed = seed;
        this.threads = threads > 0 ? threads : Environment.ProcessorCount;
        coder = model.Dictionary is { } dictionary ? new PursuitCoder(dictionary, this.threads) : null;
        retrieval = new(() => new RetrievalEvaluation(rows.Test, new RetrievalOptions { Seed = seed, Threads = this.threads }, TorchRowProduct.Multiply));
        baselines = new(() => BaselineCodings.Fit(rows.Training.ToArray(), rows.Training.Dims, seed, this.threads));
        labels = new(ChooseLabels);
        examples = new(() => new Examples(retrieval.Value, rows.Test, rows.TestLabels));
    }

    /// <summary>What was trained.</summary>
    public ResolvedRecipe Recipe => model.Recipe;

    /// <summary>Numbers of active components that a model is measured at: all of its latents where it has fewer than the least of them.</summary>
    public static IReadOnlyList<int> KsOf(ResolvedRecipe recipe) => [.. DefaultKs.Where(k => k <= recipe.LatentDims).DefaultIfEmpty(recipe.LatentDims)];

    /// <summary>Prefixes that a model is measured at: those that it was trained for, where its codes rebuild rows.</summary>
    public static IReadOnlyList<int> PrefixesOf(ResolvedRecipe recipe) => Rebuilds(recipe) ? recipe.Prefixes : [];

    /// <summary>Whether a model's codes rebuild rows of unit length by a sum of atoms, as pursuit needs it.</summary>
    public static bool Rebuilds(ResolvedRecipe recipe) => recipe.Recipe.Architecture != Architecture.SigmoidOutput && recipe.Recipe.L2Normalize;

    /// <summary>Measures the model's codes and every baseline at a budget.</summary>
    /// <param name="bytes">Bytes a row, from 4.</param>
    /// <param name="cancellationToken">Looked at between methods.</param>
    public BudgetEvaluation MeasureBudget(int bytes, CancellationToken cancellationToken)
    {
        var leftOut = new List<string>();
        BudgetEvaluation Nothing(string reason) => new() { BudgetBytes = bytes, Comparison = new ComparisonTable([], []), LeftOut = [reason] };
        if (bytes >= rows.Test.Dims * sizeof(float))
            return Nothing($"{bytes} bytes: a full vector takes no more.");
        if (!PackedCodeFormat.HasRoom(model.Recipe.LatentDims, bytes))
            return Nothing($"{bytes} bytes: no room for one component of {model.Recipe.LatentDims} latents.");

        PackedCodeFormat format = FormatOf(bytes);
        PackedPursuitCoding? pursuit = coder is null ? null : new PackedPursuitCoding(coder, format);
        CodeCosines? cosines = coder is null ? Cosines(model.Encoder, format.K, format) : null;
        var candidate = pursuit is not null
            ? new ComparedCoding(bytes, false, pursuit.Cost, evaluation => evaluation.Measure(pursuit) with { K = format.K, L0 = pursuit.MeanComponents })
            : new ComparedCoding(bytes, false, EncoderCost(format), evaluation => evaluation.Measure(EncoderCost(format), cosines!.Score) with { K = format.K, L0 = cosines!.MeanComponents });
        ComparisonTable table = CodingComparison.Run(retrieval.Value, BaselinesAt(bytes, leftOut).Prepend(candidate), rows.StoredRows, seed, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        IReadOnlyList<IReadOnlyList<int>> found = table.Figures[0].Figures.First10ByQuery;
        return new BudgetEvaluation
        {
            BudgetBytes = bytes,
            Comparison = table,
            Labels = pursuit is null ? null : labels.Value.Evaluation?.Measure(pursuit),
            Examples = Examples.Budgets.Contains(bytes) ? examples.Value.Rank(bytes, found, pursuit is not null ? examples.Value.Cosines(pursuit) : examples.Value.Scores(cosines!)) : [],
            LeftOut = leftOut,
        };
    }

    /// <summary>Measures codes of at most k components, values not rounded.</summary>
    /// <param name="k">Most active components, 1 to latentDims.</param>
    public FiguresAtK MeasureK(int k)
    {
        PursuitCoding? pursuit = coder is null ? null : new PursuitCoding(coder, k);
        EncoderCoding? encoder = model.Dictionary is null ? null : new EncoderCoding(model.Encoder, model.Dictionary, k);
        CodeCosines cosines = Cosines(model.Encoder, k, null);
        return new FiguresAtK(
            k,
            pursuit is null ? null : retrieval.Value.Measure(pursuit) with { K = k, L0 = pursuit.MeanComponents },
            encoder is null ? null : retrieval.Value.Measure(encoder) with { K = k, L0 = encoder.MeanComponents },
            Measure(cosines, k));
    }

    /// <summary>Measures what codes of another encoder find, compared by their cosine.</summary>
    /// <param name="encoder">Of the same latents.</param>
    /// <param name="k">Most active components, 1 to latentDims.</param>
    /// <returns>Recall@10.</returns>
    public double MeasureRecall(RowEncoder encoder, int k) => Measure(Cosines(encoder, k, null), k).Recall10;

    /// <summary>Measures pursuit codes of the first latents alone; null for a model without a dictionary.</summary>
    /// <param name="latents">How many of the first latents.</param>
    public FiguresOfPrefix? MeasurePrefix(int latents)
    {
        if (model.Dictionary is null)
            return null;
        int k = Math.Min(PrefixK, latents);
        var prefix = new PursuitCoder(model.Dictionary.Prefix(latents), threads);
        return new FiguresOfPrefix(latents, k, retrieval.Value.Measure(new PursuitCoding(prefix, k)).Recall10);
    }

    /// <summary>Puts a report together: measures what no part holds, and takes over what the parts hold.</summary>
    /// <param name="budgets">A part for each budget.</param>
    /// <param name="byK">A part for each k.</param>
    /// <param name="prefixes">A part for each prefix.</param>
    /// <param name="cancellationToken">Looked at between measurements.</param>
    public EvaluationReport Report(
        IReadOnlyList<BudgetEvaluation> budgets, IReadOnlyList<FiguresAtK> byK, IReadOnlyList<FiguresOfPrefix> prefixes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LatentUse use = EncoderCodes.Use(model.Encoder, rows.Test, model.Recipe.LatentDims, KsOf(model.Recipe).Max());
        NotebookChecks? notebook = model.Recipe.Recipe.Architecture == Architecture.SigmoidOutput
            ? EncoderCodes.Check(model.Encoder, rows.Test, model.Recipe.LatentDims, seed) : null;
        cancellationToken.ThrowIfCancellationRequested();
        LabelEvaluation? labelled = labels.Value.Evaluation;
        var leftOut = budgets.SelectMany(budget => budget.LeftOut).Distinct().ToList();
        if (coder is null)
            leftOut.Add("Pursuit, rebuilt vectors and labels by budget: this model rebuilds no vector of unit length from a sum of atoms. Its codes are compared by their cosine.");
        if (rows.Test.Rows < MinRows)
            leftOut.Add($"There are {rows.Test.Rows} rows to search: ten neighbours of so few say little.");
        return new EvaluationReport
        {
            TestRows = rows.Test.Rows,
            Queries = retrieval.Value.Queries.Count,
            SeenInTraining = rows.SeenInTraining,
            FittedRows = rows.Training.Rows,
            StoredRows = rows.StoredRows,
            Seed = seed,
            Comparison = new ComparisonTable(
                [.. budgets.SelectMany(budget => budget.Comparison.Figures)], [.. budgets.SelectMany(budget => budget.Comparison.Verdicts).OrderBy(verdict => verdict.BudgetBytes)]),
            ByK = byK,
            Prefixes = prefixes,
            LatentUse = use,
            Labels = labelled is null ? null : new LabelReport(labelled.Classes, labelled.TrainRows, labelled.TestRows, labelled.MeasureFull(),
                [.. budgets.Where(budget => budget.Labels is not null).Select(budget => new LabelsAtBudget(budget.BudgetBytes, budget.Labels!))]),
            LabelsProblem = labels.Value.Problem,
            Notebook = notebook,
            Examples = examples.Value.Together([.. budgets.Select(budget => budget.Examples)]),
            LeftOut = leftOut,
        };
    }

    private static CodingCost EncoderCost(PackedCodeFormat format) => new("encoder codes", format.BytesPerVector, sizeof(float) * format.Grid.Levels.Length);

    private IEnumerable<ComparedCoding> BaselinesAt(int bytes, List<string> leftOut)
    {
        BaselineCodings fitted;
        try
        {
            fitted = baselines.Value;
        }
        catch (HierEmbedException e)
        {
            leftOut.Add($"Baselines: {e.Message}");
            yield break;
        }
        foreach (IDocumentCoding coding in fitted.At(bytes))
            yield return new ComparedCoding(bytes, true, coding);
    }

    private PackedCodeFormat FormatOf(int bytes)
    {
        if (model.Packing?.Find(bytes) is { } published)
            return published;
        float[] sample = rows.Training.Spread(LevelRows);
        int count = sample.Length / rows.Training.Dims;
        return PackedCodeFormat.FitForBytes(model.Recipe.LatentDims, bytes, k => coder is null
            ? model.Encoder(sample, count, k).Select(CodeTruncation.ToUnitNorm)
            : coder.Encode(Normalized(sample), k));
    }

    private float[] Normalized(float[] sample)
    {
        int dims = rows.Training.Dims;
        for (int at = 0; at < sample.Length; at += dims)
            Core.Scaling.RowNormalization.L2Normalize(sample.AsSpan(at, dims), sample.AsSpan(at, dims));
        return sample;
    }

    private RetrievalFigures Measure(CodeCosines cosines, int k) =>
        retrieval.Value.Measure(new CodingCost("code cosine", CodeBytes.Unpacked(k), 0), cosines.Score) with { K = k, L0 = cosines.MeanComponents };

    private CodeCosines Cosines(RowEncoder encoder, int k, PackedCodeFormat? format) =>
        new(rows.Test, retrieval.Value.Queries, encoder, model.Recipe.LatentDims, k, format, threads);

    private (LabelEvaluation? Evaluation, string? Problem) ChooseLabels()
    {
        if (rows.TestLabels is not { } test || rows.TrainingLabels is not { } training || !test.Any(row => row.Label is not null))
            return (null, rows.LabelsProblem);
        if (rows.SeenInTraining)
            return (null, rows.LabelsProblem ?? "The rows that are measured are training rows: each would find its own label.");
        LabelEvaluation? evaluation = LabelEvaluation.Create(rows.Training, [.. training.Select(row => row.Label)], rows.Test, [.. test.Select(row => row.Label)], seed);
        return (evaluation, rows.LabelsProblem ?? (evaluation is null ? "Fewer than two labels stand at training rows and at test rows both: there is nothing to tell apart." : null));
    }
}

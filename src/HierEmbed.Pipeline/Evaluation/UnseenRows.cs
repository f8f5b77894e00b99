using HierEmbed.Core.Errors;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;
using HierEmbed.Core.Readers;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Training;
using HierEmbed.Training.Evaluation;
using HierEmbed.Training.Evaluation.Baselines;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>Chooses the rows of files that training never saw (training rows where the training had no others to measure), and those that baselines are fitted on.</summary>
/// <param name="manifest">The model's.</param>
/// <param name="cancellationToken">Stops between batches of rows.</param>
internal sealed class UnseenRows(ModelManifest manifest, CancellationToken cancellationToken)
{
    /// <summary>Reads and chooses.</summary>
    /// <param name="files">Files to measure on.</param>
    /// <param name="fitOn">Files to fit on; null: the rows of <paramref name="files"/> that the split calls training.</param>
    /// <param name="openLabels">Reads a file of labels for the rows of <paramref name="files"/>, being told how many there are and whether any has an id; null: what the files themselves say counts.</param>
    /// <param name="requiresLabels">Whether labels that match no row are an error, and not a remark.</param>
    /// <exception cref="DatasetException">No row is unseen, none is left to fit on, or the labels match no row and are required.</exception>
    public async Task<EvaluatedRows> ReadAsync(FileRows files, FileRows? fitOn, Func<long, bool, Task<DatasetLabels>>? openLabels, bool requiresLabels)
    {
        var uses = new RowUses(manifest, keepsHashes: fitOn is not null);
        bool haveIds = false;
        long lines = files.Visit((_, _, row, said) =>
        {
            uses.Add(row);
            haveIds |= said.Id is not null;
        }, withLabels: openLabels is not null, cancellationToken);
        using DatasetLabels? labels = openLabels is null ? null : await openLabels(lines, haveIds);
        int[] measured, fitted;
        bool seen = false;
        if (fitOn is null)
        {
            RequireKnownOrder(uses, "<files>");
            RowUse chosen = MeasuredRows.UseOf(new RowCounts(Count(uses, RowUse.Train), Count(uses, RowUse.Validation), Count(uses, RowUse.Test), 0));
            // Training rows stand in for others as they did in the training, and there alone: of new files they say nothing.
            seen = chosen == RowUse.Train && uses.AreThoseOfTheTraining;
            if (chosen == RowUse.Train && !seen)
                chosen = RowUse.Test;
            measured = Where(uses, use => use == chosen);
            fitted = Where(uses, use => use == RowUse.Train);
        }
        else
        {
            var fitUses = new RowUses(manifest, keepsHashes: true);
            fitOn.Visit((_, _, row, _) => fitUses.Add(row), withLabels: false, cancellationToken);
            RequireKnownOrder(fitUses, "--fit-on");
            fitted = Where(fitUses, use => use == RowUse.Train);
            measured = fitUses.AreThoseOfTheTraining ? NotAmong(uses, fitUses, fitted) : Where(uses, use => use != RowUse.Train);
        }
        if (measured.Length < 2)
            throw new DatasetException(ProblemTypes.NoUnseenRows,
                $"Of {uses.Rows} rows {measured.Length} are known to be unseen: the split of model {manifest.ModelId} calls the rest training rows. Give the files that it was trained on, or new files with --fit-on and those.");
        if (fitted.Length < 1)
            throw new DatasetException(ProblemTypes.NoUnseenRows,
                $"None of the rows is one that the split of model {manifest.ModelId} calls training, so there is nothing to fit baselines on. Give the files that it was trained on with --fit-on.");

        int seed = SeedOf(manifest);
        measured = Draw(measured, RetrievalOptions.MaxRows, seed);
        fitted = Draw(fitted, BaselineCodings.MaxRows, seed);
        (NormalizedRows test, RowLabels[] testLabels) = Load(files, measured, labels, byNumber: true);
        (NormalizedRows training, RowLabels[] trainingLabels) = Load(fitOn ?? files, fitted, labels, byNumber: fitOn is null);
        if (labels?.Problem is { } problem && requiresLabels)
            throw new DatasetException(ProblemTypes.MalformedFile, problem);
        return new EvaluatedRows
        {
            Test = test,
            Training = training,
            TestLabels = testLabels,
            TrainingLabels = trainingLabels,
            LabelsProblem = labels?.Problem ?? (labels is not null && fitOn is not null && !trainingLabels.Any(row => row.Label is not null)
                ? "The rows of --fit-on have no labels to learn from: --labels names those of <files> by their order. Give the rows of both ids." : null),
            SeenInTraining = seen,
            StoredRows = manifest.Rows.Total,
        };
    }

    /// <summary>A seed as evaluations take it.</summary>
    public static int SeedOf(ModelManifest manifest) => (int)(manifest.Seed % int.MaxValue);

    // Where rows are split by position, only those of the training, in their order, say which is which.
    private void RequireKnownOrder(RowUses uses, string where)
    {
        if (manifest.Recipe.Recipe.SplitsByPosition && !uses.AreThoseOfTheTraining)
            throw new DatasetException(ProblemTypes.NoUnseenRows,
                $"Recipe {manifest.Recipe.Recipe.Name} trains on the first rows and keeps the last; {where} has {uses.Rows} rows, the training had {manifest.Rows.Total}, so it cannot be told which are unseen. Give the training's files in their order as {where}.");
    }

    private static int[] NotAmong(RowUses uses, RowUses fitUses, int[] fitted)
    {
        var seen = fitted.Select(fitUses.HashOf).ToHashSet();
        return [.. Enumerable.Range(0, uses.Rows).Where(row => !seen.Contains(uses.HashOf(row)))];
    }

    private static int[] Where(RowUses uses, Func<RowUse, bool> wanted) => [.. Enumerable.Range(0, uses.Rows).Where(row => wanted(uses.Of(row)))];

    private static int Count(RowUses uses, RowUse use) => Enumerable.Range(0, uses.Rows).Count(row => uses.Of(row) == use);

    private static int[] Draw(int[] rows, int most, int seed) => [.. EvenDraw.Of(rows.Length, most, seed).Select(i => rows[i])];

    private (NormalizedRows Rows, RowLabels[] Labels) Load(FileRows files, int[] chosen, DatasetLabels? said, bool byNumber)
    {
        int dims = manifest.Recipe.InputDims, next = 0;
        var values = new float[checked(chosen.Length * dims)];
        var labels = new RowLabels[chosen.Length];
        files.Visit((position, line, row, rowLabels) =>
        {
            if (next == chosen.Length || position != chosen[next])
                return;
            row.CopyTo(values.AsSpan(next * dims));
            labels[next++] = said?.Merge(byNumber ? line : null, rowLabels) ?? rowLabels;
        }, withLabels: true, cancellationToken);
        if (next < chosen.Length)
            throw new DatasetException(ProblemTypes.Conflict, "A file changed while it was read. Evaluate again when nothing writes to it.");
        return (new NormalizedRows(new RowMatrix(values, chosen.Length, dims), chosen.Length, seed: 0), labels);
    }
}

using System.Globalization;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Recipes;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Serving.Encoders;
using HierEmbed.Training.Evaluation;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>Measures a model's folder on files: the same figures as a run's own evaluation, where the files are those of the run.</summary>
public static class FileEvaluation
{
    /// <summary>Measures.</summary>
    /// <param name="input">Model, files and budgets.</param>
    /// <param name="settings">Threads, limits and folders.</param>
    /// <param name="show">Is told what is measured next.</param>
    /// <param name="cancellationToken">Looked at between measurements.</param>
    /// <exception cref="HierEmbedException">A file is bad or of other dimensions, no row is unseen, or labels match no row.</exception>
    public static async Task<EvaluationReport> RunAsync(FileEvaluationInput input, HierEmbedOptions settings, Action<string> show, CancellationToken cancellationToken)
    {
        using EncoderModel encoder = await EncoderModelLoader.LoadFolderAsync(input.Model, settings.Threads, cancellationToken);
        var options = new ReaderOptions { MaxRejectedFraction = settings.MaxRejectedFraction, RejectZeroRows = encoder.NormalizesRows, SpoolFolder = settings.ScratchPath };
        FileRows Rows(IReadOnlyList<(string Path, string Shown)> files) => new(files, encoder.InputDims, encoder.Manifest.ModelId, options);
        EvaluatedRows rows = await new UnseenRows(encoder.Manifest, cancellationToken).ReadAsync(
            Rows(input.Files), input.FitOn is { } fitOn ? Rows(fitOn) : null,
            input.Labels is { } labels ? (lines, haveIds) => OpenLabelsAsync(labels.Path, labels.Shown, lines, haveIds, input.RequiresLabels, settings, cancellationToken) : null, input.RequiresLabels);
        var evaluation = new CodeEvaluation(await LoadAsync(input.Model, encoder, cancellationToken), rows, UnseenRows.SeedOf(encoder.Manifest), settings.Threads);
        return Measure(evaluation, input.Budgets, show, cancellationToken);
    }

    private static async Task<DatasetLabels> OpenLabelsAsync(
        string path, string shown, long rows, bool haveIds, bool required, HierEmbedOptions settings, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new DatasetException(ProblemTypes.DatasetNotFound, $"There is no file \"{shown}\". Check the path of the labels.");
        await using FileStream stream = File.OpenRead(path);
        try
        {
            return await DatasetLabels.ReadAsync(shown, stream, rows, haveIds, settings.ScratchPath, cancellationToken);
        }
        catch (EmbeddingFileException e) when (!required)
        {
            return DatasetLabels.Failed(e.Message);
        }
    }

    private static async Task<EvaluatedModel> LoadAsync(string folder, EncoderModel encoder, CancellationToken cancellationToken)
    {
        ResolvedRecipe recipe = encoder.Manifest.Recipe;
        LinearDecoder? dictionary = CodeEvaluation.Rebuilds(recipe) ? await DictionaryLoader.LoadFolderAsync(folder, encoder.Manifest, cancellationToken) : null;
        return new EvaluatedModel(recipe, (rows, count, k) => encoder.EncodeToCodes(rows, count, k), dictionary,
            await PackingLoader.FindFolderAsync(folder, encoder.Manifest, cancellationToken));
    }

    private static EvaluationReport Measure(CodeEvaluation evaluation, IReadOnlyList<int> budgets, Action<string> show, CancellationToken cancellationToken)
    {
        var byBudget = new List<BudgetEvaluation>();
        foreach (int budget in budgets)
        {
            show(string.Create(CultureInfo.InvariantCulture, $"measuring at {budget} bytes"));
            byBudget.Add(evaluation.MeasureBudget(budget, cancellationToken));
        }
        show("measuring by k");
        var byK = new List<FiguresAtK>();
        foreach (int k in CodeEvaluation.KsOf(evaluation.Recipe))
        {
            cancellationToken.ThrowIfCancellationRequested();
            byK.Add(evaluation.MeasureK(k));
        }
        FiguresOfPrefix[] prefixes = [.. CodeEvaluation.PrefixesOf(evaluation.Recipe).Select(evaluation.MeasurePrefix).OfType<FiguresOfPrefix>()];
        return evaluation.Report(byBudget, byK, prefixes, cancellationToken);
    }
}

using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Evaluation;
using HierEmbed.Training.Evaluation;

namespace HierEmbed.Training.Tests.Evaluation;

public sealed class CodeEvaluationTests
{
    // Rows of 32 dims: a full vector takes 128 bytes.
    private static readonly int[] Budgets = [16, 32, 128];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Report_ClusteredRows_HasEveryFigureAndSurvivesJson()
    {
        MeasuredModel measured = MeasuredModel.Make("matryoshka");
        EvaluationReport report = Report(measured.Evaluate());

        Assert.Equal((240, 240, 260, 500L, 5, false), (report.TestRows, report.Queries, report.FittedRows, report.StoredRows, report.Seed, report.SeenInTraining));
        string[] methods = ["pursuit codes", "truncation", "sign bits", "ITQ", "signed PCA", "bit-allocated PCA", "PQ"];
        Assert.Equal(methods.Concat(methods), report.Comparison.Figures.Select(entry => entry.Figures.Cost.Method));
        Assert.Equal([16, 32], report.Comparison.Verdicts.Select(verdict => verdict.BudgetBytes));
        Assert.All(report.Comparison.Verdicts, verdict => Assert.Equal(methods[1..], verdict.Differences.Select(difference => difference.Baseline)));
        Assert.All(report.Comparison.Figures, entry =>
        {
            Assert.InRange(entry.Figures.Cost.BytesPerRow, 1, entry.BudgetBytes);
            Assert.Equal([50, 100, 200], entry.Figures.Reranked.Select(one => one.Shortlist));
            Assert.NotNull(entry.Figures.Recall100);
            Assert.NotNull(entry.Figures.Spearman);
            Assert.NotNull(entry.Figures.Fvu);
            Assert.Equal(entry.Figures.Cost.DictionaryBytes / 500.0, entry.DictionaryBytesPerRow);
        });
        // 48 atoms of 32 dims, a mean, and the levels of the grid: the root of the bytes.
        Assert.Equal(4 * ((48 * 32) + 32 + 4), report.Comparison.Figures[0].Figures.Cost.DictionaryBytes);
        Assert.All(report.Comparison.Figures.Where(entry => entry.IsBaseline), entry => Assert.True(entry.Figures is { K: null, L0: null }));
        Assert.Equal([8, 16, 32], report.ByK.Select(at => at.K));
        Assert.All(report.ByK, at =>
        {
            Assert.All((RetrievalFigures[])[at.Pursuit!, at.Encoder!, at.CodeCosine], figures => Assert.Equal(at.K, figures.K));
            // The two ways of scoring are of one code.
            Assert.Equal(at.Encoder!.L0, at.CodeCosine.L0);
            Assert.InRange(at.Pursuit!.L0!.Value, 1, at.K);
            Assert.InRange(at.Encoder.L0!.Value, 1, at.K);
        });
        Assert.All(report.ByK, at => Assert.True(at.Pursuit!.Recall10 >= at.Encoder!.Recall10, "pursuit finds the better code"));
        Assert.Equal([(6, 6), (12, 12), (24, 24)], report.Prefixes.Select(prefix => (prefix.Latents, prefix.K)));
        Assert.Equal(report.Prefixes.OrderBy(prefix => prefix.Recall10), report.Prefixes);
        Assert.Equal((32, 48), (report.LatentUse.K, report.LatentUse.Spectrum.Count));
        Assert.Equal(report.LatentUse.Spectrum.OrderDescending(), report.LatentUse.Spectrum);
        Assert.Equal(report.LatentUse.DeadFraction, report.LatentUse.Spectrum.Count(share => share == 0) / 48.0);
        Assert.Equal((8, 260, 240), (report.Labels!.Classes, report.Labels.TrainRows, report.Labels.TestRows));
        Assert.Equal([16, 32], report.Labels.ByBudget.Select(at => at.BudgetBytes));
        Assert.InRange(report.Labels.Full.LogisticAccuracy, 0.9, 1);
        Assert.Null(report.Notebook);
        Assert.Null(report.LabelsProblem);
        Assert.Equal(["128 bytes: a full vector takes no more."], report.LeftOut);

        string json = JsonSerializer.Serialize(report, Json.Indented);
        EvaluationReport back = JsonSerializer.Deserialize<EvaluationReport>(json, Json.Compact)!;
        Assert.Equal(json, JsonSerializer.Serialize(back, Json.Indented));
        Assert.Equal(EvaluationSummary.Of(report), EvaluationSummary.Of(back));
    }

    [Fact]
    public void Report_OtherThreadsAndPartsMeasuredByOthers_IsTheSame()
    {
        MeasuredModel measured = MeasuredModel.Make("sparse");
        string whole = JsonSerializer.Serialize(Report(measured.Evaluate(threads: 1)), Json.Compact);

        // Each part by a process of its own, backwards, stored as JSON in between.
        BudgetEvaluation[] budgets = [.. Budgets.Reverse().Select(bytes => Stored(measured.Evaluate(threads: 3).MeasureBudget(bytes, Cancellation))).Reverse()];
        FiguresAtK[] byK = [.. CodeEvaluation.KsOf(measured.Model.Recipe).Select(k => Stored(measured.Evaluate(threads: 2).MeasureK(k)))];
        Assert.Equal(whole, JsonSerializer.Serialize(measured.Evaluate(threads: 2).Report(budgets, byK, [], Cancellation), Json.Compact));
    }

    /// <summary>Recall, FVU and the rerank of packed codes, computed plainly: every row coded, packed, unpacked and rebuilt alone, every pair's cosine in double.</summary>
    [Fact]
    public void MeasureBudget_PackedCodes_AgreesWithBruteForce()
    {
        MeasuredModel measured = MeasuredModel.Make("sparse", unseenRows: 90);
        RetrievalFigures figures = measured.Evaluate().MeasureBudget(16, Cancellation).Comparison.Figures[0].Figures;

        LinearDecoder dictionary = measured.Model.Dictionary!;
        var coder = new PursuitCoder(dictionary, 1);
        float[] training = measured.Rows.Training.ToArray();
        PackedCodeFormat format = PackedCodeFormat.FitForBytes(48, 16, k => coder.Encode(training, k));
        int components = 0;
        double[][] rows = [.. Unit(measured.Rows.Test.ToArray(), 32)], rebuilt = [.. rows.Select(row => Rebuild([.. row.Select(v => (float)v)]))];

        Assert.Equal(Expected(rows, rebuilt, 10), figures.Recall10, 1e-6);
        Assert.Equal(Expected(rows, rebuilt, 50), figures.Reranked.Single(one => one.Shortlist == 50).Recall10, 1e-6);
        double[] mean = [.. Enumerable.Range(0, 32).Select(d => rows.Average(row => row[d]))];
        double fvu = rows.Zip(rebuilt, Squares).Sum() / rows.Sum(row => Squares(row, mean));
        Assert.Equal(fvu, figures.Fvu!.Value, 1e-5);
        Assert.Equal(format.K, figures.K);
        Assert.Equal(components / 90.0, figures.L0!.Value, 1e-12);

        double[] Rebuild(float[] row)
        {
            var packed = new byte[16];
            new PackedCodeWriter(format).Write(coder.Encode(row, format)[0], packed);
            SparseCode code = new PackedCodeReader(format).Read(packed);
            components += code.Indices.Length;
            double[] sum = [.. dictionary.Mean.Select(v => (double)v)];
            for (int i = 0; i < code.Indices.Length; i++)
            {
                for (int d = 0; d < sum.Length; d++)
                    sum[d] += code.Values[i] * dictionary.Atoms[(code.Indices[i] * sum.Length) + d];
            }
            return sum;
        }
    }

    /// <summary>x̂ = m + Σ z_j D̃_j with the atoms as they were trained, also where their scaling is not 1.</summary>
    [Fact]
    public void MeasureK_EncoderOfScaledRows_RebuildsByTheAtomsAsTrained()
    {
        MeasuredModel measured = MeasuredModel.Make("sparse");
        SmallTraining scaled = SmallTraining.Of("sparse", recipe => recipe with { Scaling = Core.Scaling.ScalingMode.Standard }, measured.Training.Rows.Train, measured.Unseen);
        TrainedNetwork network = scaled.Train();
        using var file = new MemoryStream();
        Export.DictionaryFile.Write(file, network, scaled.Scaler, scaled.Recipe);
        var model = new EvaluatedModel(scaled.Recipe, MeasuredModel.Encoder(network, scaled.Scaler), LinearDecoder.Read(new MemoryStream(file.ToArray()), "model"), null);

        double fvu = new CodeEvaluation(model, measured.Rows, 0, 1).MeasureK(8).Encoder!.Fvu!.Value;

        double residual = 0, variance = 0;
        double[][] rows = [.. Unit(measured.Rows.Test.ToArray(), 32)];
        double[] mean = [.. Enumerable.Range(0, 32).Select(d => rows.Average(row => row[d]))];
        foreach (double[] row in rows)
        {
            SparseCode code = model.Encoder([.. row.Select(v => (float)v)], 1, 8)[0];
            double[] rebuilt = [.. network.DecoderBias.Select(v => (double)v)];
            for (int i = 0; i < code.Indices.Length; i++)
            {
                for (int d = 0; d < 32; d++)
                    rebuilt[d] += code.Values[i] * network.Decoder[(code.Indices[i] * 32) + d];
            }
            residual += Squares(row, [.. rebuilt.Select((v, d) => scaled.Scaler.Mean[d] + (scaled.Scaler.Scale[d] * v))]);
            variance += Squares(row, mean);
        }
        Assert.Equal(residual / variance, fvu, 1e-4);
    }

    [Fact]
    public void Report_RecipeSeed_ComparesPackedEncoderCodesAndChecksTheNotebook()
    {
        MeasuredModel measured = MeasuredModel.Make("seed");
        EvaluationReport report = Report(measured.Evaluate());

        Assert.Equal(["encoder codes", "encoder codes"], report.Comparison.Figures.Where(entry => !entry.IsBaseline).Select(entry => entry.Figures.Cost.Method));
        Assert.Equal(12, report.Comparison.Figures.Count(entry => entry.IsBaseline));
        Assert.All(report.ByK, at => Assert.True(at.Pursuit is null && at.Encoder is null && at.CodeCosine.Recall10 > 0.1));
        Assert.Empty(report.Prefixes);
        Assert.Empty(report.Labels!.ByBudget);
        Assert.Contains(report.LeftOut, reason => reason.StartsWith("Pursuit", StringComparison.Ordinal));
        NotebookChecks checks = report.Notebook!;
        Assert.Equal(120, checks.Pairs);
        // 48 latents: no code has more than 64 active.
        Assert.Equal((120, 120), (checks.EqualPairs, checks.PairsOfAtMost64));
        Assert.Equal(checks.MeanAt64, checks.MeanAt128);
        Assert.InRange(checks.MaxActive, 1, 48);
        Assert.Equal(["128 bytes: a full vector takes no more."], report.LeftOut.Take(1));
    }

    [Fact]
    public void Check_CodesOfMoreThan64Components_AreNotEqual()
    {
        // Every row has all 100 latents active, or 60 of them.
        RowMatrix rows = SyntheticRows.Uniform(80, 100, seed: 1);
        var normalized = new NormalizedRows(rows, 80, 0);
        for (int row = 0; row < 80; row += 4)
            rows.Values.AsSpan((row * 100) + 60, 40).Clear();
        NotebookChecks checks = EncoderCodes.Check(
            (values, count, k) => [.. Split(values, count).Select(row => CodeTruncation.KeepLargest(row, k))], normalized, 100, seed: 0);

        Assert.Equal((40, 100), (checks.Pairs, checks.MaxActive));
        Assert.Equal(checks.PairsOfAtMost64, checks.EqualPairs);
        Assert.InRange(checks.EqualPairs, 1, 39);
        Assert.NotEqual(checks.MeanAt64, checks.MeanAt128);
    }

    [Fact]
    public void Report_Examples_ShowTextsByFullVectorsAndByBudget()
    {
        IReadOnlyList<ExampleNeighbours> examples = Report(MeasuredModel.Make("sparse").Evaluate()).Examples;

        Assert.Equal(["row 20", "row 60", "row 100", "row 140", "row 180", "row 220"], examples.Select(example => example.Text));
        Assert.All(examples, example =>
        {
            Assert.Equal(5, example.Full.Count);
            Assert.All(example.Full, neighbour => Assert.True(neighbour.IsTrue));
            Assert.Equal(example.Full.OrderByDescending(neighbour => neighbour.Score), example.Full);
            Assert.DoesNotContain(example.Text, example.Full.Select(neighbour => neighbour.Text));
            Assert.Equal([32, 16], example.ByBudget.Select(ranking => ranking.BudgetBytes));
            Assert.All(example.ByBudget, ranking => Assert.Equal(ranking.Neighbours.OrderByDescending(neighbour => neighbour.Score), ranking.Neighbours));
        });
        Assert.Contains(examples, example => example.ByBudget[0].Neighbours.Any(neighbour => neighbour.IsTrue));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(14)]
    public void Report_HardlyAnyRows_LeavesOutWhatCannotBeMeasured(int rows)
    {
        MeasuredModel measured = MeasuredModel.Make("sparse");
        NormalizedRows few = new(measured.Unseen, rows, 0);
        EvaluationReport report = Report(measured.Evaluate(rows: measured.Rows with
        {
            Test = few,
            Training = few,
            TestLabels = [.. measured.Rows.TestLabels!.Take(rows)],
            TrainingLabels = [.. measured.Rows.TestLabels!.Take(rows)],
            SeenInTraining = true,
        }));

        Assert.Equal((rows, rows), (report.TestRows, report.Queries));
        Assert.Null(report.Labels);
        Assert.Contains("its own label", report.LabelsProblem, StringComparison.Ordinal);
        Assert.Equal(rows < CodeEvaluation.MinRows, report.LeftOut.Any(reason => reason.Contains("say little", StringComparison.Ordinal)));
        Assert.Contains("rows that training saw", EvaluationSummary.Of(report).Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_TrainingRowsAllEqual_LeavesTheBaselinesOut()
    {
        MeasuredModel measured = MeasuredModel.Make("sparse");
        var equal = new RowMatrix([.. Enumerable.Range(0, 50 * 32).Select(i => (float)(1 + (i % 32)))], 50, 32);
        EvaluationReport report = Report(measured.Evaluate(rows: measured.Rows with { Training = new NormalizedRows(equal, 50, 0), TrainingLabels = null }));

        Assert.Equal(["pursuit codes", "pursuit codes"], report.Comparison.Figures.Select(entry => entry.Figures.Cost.Method));
        Assert.Contains(report.LeftOut, reason => reason.StartsWith("Baselines: All 50 training rows are equal", StringComparison.Ordinal));
        Assert.Contains("no baseline", EvaluationSummary.Of(report).Verdict, StringComparison.Ordinal);
    }

    private static EvaluationReport Report(CodeEvaluation evaluation)
    {
        MeasuredParts parts = new(
            [.. Budgets.Select(bytes => evaluation.MeasureBudget(bytes, Cancellation))],
            [.. CodeEvaluation.KsOf(evaluation.Recipe).Select(evaluation.MeasureK)],
            [.. CodeEvaluation.PrefixesOf(evaluation.Recipe).Select(evaluation.MeasurePrefix).OfType<FiguresOfPrefix>()]);
        return evaluation.Report(parts.Budgets, parts.ByK, parts.Prefixes, Cancellation);
    }

    private sealed record MeasuredParts(BudgetEvaluation[] Budgets, FiguresAtK[] ByK, FiguresOfPrefix[] Prefixes);

    private static T Stored<T>(T value) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, Json.Compact), Json.Compact)!;

    private static IEnumerable<float[]> Split(ReadOnlySpan<float> values, int count) => values.ToArray().Chunk(values.Length / count);

    private static IEnumerable<double[]> Unit(float[] values, int dims) => values.Chunk(dims).Select(row => row.Select(v => (double)v).ToArray());

    private static double Squares(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    private static double Cosine(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(y => y * y));

    /// <summary>Mean share of the ten nearest among the first of the ranking by rebuilt rows.</summary>
    private static double Expected(double[][] rows, double[][] rebuilt, int shortlist)
    {
        int[] Ranking(double[] query, double[][] documents, int self) =>
            [.. Enumerable.Range(0, rows.Length).Where(row => row != self).OrderByDescending(row => Cosine(query, documents[row]))];
        return rows.Select((query, self) => Ranking(query, rows, self).Take(10).Intersect(Ranking(query, rebuilt, self).Take(shortlist)).Count() / 10.0).Average();
    }
}

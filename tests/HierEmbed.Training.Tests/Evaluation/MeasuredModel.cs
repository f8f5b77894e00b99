using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Evaluation;
using HierEmbed.Training.Export;

namespace HierEmbed.Training.Tests.Evaluation;

/// <summary>A small trained model with rows around eight centres, labelled by them: half of them trained on, half unseen.</summary>
internal sealed record MeasuredModel(SmallTraining Training, TrainedNetwork Network, RowMatrix Unseen, EvaluatedModel Model, EvaluatedRows Rows)
{
    private const int Centres = 8;

    public static MeasuredModel Make(string preset, int trainRows = 260, int unseenRows = 240, int dims = 32)
    {
        RowMatrix train = Clustered(trainRows, dims, seed: 3), unseen = Clustered(unseenRows, dims, seed: 4);
        var training = SmallTraining.Of(preset, train: train, validation: unseen);
        TrainedNetwork network = training.Train();
        using var file = new MemoryStream();
        DictionaryFile.Write(file, network, training.Scaler, training.Recipe);
        LinearDecoder? dictionary = CodeEvaluation.Rebuilds(training.Recipe) ? LinearDecoder.Read(new MemoryStream(file.ToArray()), "model") : null;
        var rows = new EvaluatedRows
        {
            Test = new NormalizedRows(unseen, unseen.Rows, 0),
            Training = new NormalizedRows(train, train.Rows, 0),
            TestLabels = Labels(unseen.Rows),
            TrainingLabels = Labels(train.Rows),
            StoredRows = trainRows + unseenRows,
        };
        return new MeasuredModel(training, network, unseen, new EvaluatedModel(training.Recipe, Encoder(network, training.Scaler), dictionary, null), rows);
    }

    public CodeEvaluation Evaluate(int threads = 1, EvaluatedRows? rows = null) => new(Model, rows ?? Rows, seed: 5, threads);

    /// <summary>The encoder by its weights: what the exported graph computes.</summary>
    public static RowEncoder Encoder(TrainedNetwork network, StandardScaler scaler) => (rows, count, k) =>
    {
        var codes = new SparseCode[count];
        float[] row = new float[network.InputDims], latents = new float[network.LatentDims];
        for (int i = 0; i < count; i++)
        {
            rows.Slice(i * row.Length, row.Length).CopyTo(row);
            if (network.Recipe.Recipe.L2Normalize)
                RowNormalization.L2Normalize(row, row);
            scaler.Transform(row, row);
            network.PreActivations(row, latents);
            codes[i] = CodeTruncation.KeepLargest(latents, k, network.Recipe.Recipe.Activation);
        }
        return codes;
    };

    private static RowLabels[] Labels(int rows) => [.. Enumerable.Range(0, rows).Select(row => new RowLabels($"r{row}", $"row {row}", $"centre {row % Centres}"))];

    private static RowMatrix Clustered(int rows, int dims, long seed)
    {
        RowMatrix spread = SyntheticRows.Sparse(rows, dims, seed), centres = SyntheticRows.Sparse(Centres, dims, seed: 9);
        for (int i = 0; i < spread.Values.Length; i++)
            spread.Values[i] += 1.5f * centres.Values[(i / dims % Centres * dims) + (i % dims)];
        return spread;
    }
}

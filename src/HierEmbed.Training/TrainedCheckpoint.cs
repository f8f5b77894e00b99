using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Storage.Runs;
using HierEmbed.Training.Checkpoints;
using HierEmbed.Training.Network;

namespace HierEmbed.Training;

/// <summary>What a checkpoint tells without its training rows: progress, figures, and the best weights so far. Loads no Torch.</summary>
/// <param name="Network">The weights of <paramref name="BestEpoch"/>.</param>
/// <param name="History">Figures of the completed epochs.</param>
/// <param name="BestEpoch">From 1.</param>
public sealed record TrainedCheckpoint(TrainedNetwork Network, IReadOnlyList<EpochMetrics> History, int BestEpoch)
{
    /// <summary>Reads the best weights and the figures.</summary>
    /// <param name="stream">What <see cref="Trainer.Save"/> wrote.</param>
    /// <param name="recipe">The recipe that was trained.</param>
    /// <exception cref="Core.Errors.ModelException">The checkpoint is damaged or of another shape.</exception>
    public static TrainedCheckpoint Read(Stream stream, ResolvedRecipe recipe)
    {
        int latentDims = recipe.LatentDims, inputDims = recipe.InputDims;
        long[][] shapes = [[latentDims, inputDims], [latentDims], [latentDims, inputDims], [inputDims]];
        float[][] best = [.. shapes.Select(shape => new float[shape.Aggregate(1L, (a, b) => checked(a * b))])];
        // Read for the checksum only, one after the other into the same place.
        var scratch = new byte[Math.Max((long)latentDims * inputDims * sizeof(float), (long)latentDims * sizeof(long))];
        var entries = new List<SafetensorsEntry>();
        foreach (string prefix in (string[])["", "adam.m.", "adam.v.", "best."])
        {
            for (int i = 0; i < shapes.Length; i++)
            {
                float[] weights = best[i];
                entries.Add(new SafetensorsEntry(prefix + NetworkParameters.Names[i], "F32", shapes[i], prefix == "best."
                    ? () => System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan())
                    : () => scratch.AsSpan(0, weights.Length * sizeof(float))));
            }
        }
        entries.Add(new SafetensorsEntry("latent_uses", "I64", [latentDims], () => scratch.AsSpan(0, latentDims * sizeof(long))));

        TrainingState? state = null;
        Safetensors.Read(stream, metadata => state = State(metadata), entries);
        return new(new TrainedNetwork(recipe, best[0], best[1], best[2], best[3]), state!.History, state.BestEpoch);
    }

    /// <summary>Reads how far a training had come, from the header alone.</summary>
    /// <param name="stream">What <see cref="Trainer.Save"/> wrote.</param>
    /// <param name="chunk">The chunk's number, passed through.</param>
    /// <param name="recipe">The recipe that is trained.</param>
    /// <param name="trainRows">Rows of the training split.</param>
    /// <exception cref="Core.Errors.ModelException">The checkpoint is damaged.</exception>
    public static TrainingProgress ReadProgress(Stream stream, int chunk, ResolvedRecipe recipe, long trainRows)
    {
        TrainingState state = State(Safetensors.ReadMetadata(stream));
        long stepsPerEpoch = (trainRows + recipe.Recipe.BatchRows - 1) / recipe.Recipe.BatchRows;
        return new(chunk, state.Step, stepsPerEpoch * recipe.Epochs, state.History.Count, recipe.Epochs,
            state.History.Count > 0 ? state.History[^1] : null, state.Finished);
    }

    private static TrainingState State(IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(metadata.GetValueOrDefault(Checkpoint.StateKey, "null"), Json.Compact)
                ?? throw Safetensors.Corrupt("it has no state");
        }
        catch (JsonException e)
        {
            throw Safetensors.Corrupt("its state is not readable", e);
        }
    }
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;

namespace HierEmbed.Training.Checkpoints;

/// <summary>A training at a step boundary as one safetensors file.</summary>
/// <param name="recipe">What is trained.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="rows">What it is trained on: a checkpoint belongs to its data.</param>
internal sealed class Checkpoint(ResolvedRecipe recipe, long seed, TrainingRows rows)
{
    /// <summary>Key of the metadata that holds the state that is no array.</summary>
    internal const string StateKey = "state";

    private readonly Dictionary<string, string> identity = Identify(recipe, seed, rows);

    /// <summary>Writes the file.</summary>
    public void Write(Stream stream, TrainingState state, ITrainingStep step, NetworkParameters best, long[] latentUses)
    {
        var metadata = new Dictionary<string, string>(identity) { [StateKey] = JsonSerializer.Serialize(state, Json.Compact) };
        Safetensors.Write(stream, metadata, Entries(step, best, latentUses));
    }

    /// <summary>Reads the file's arrays into place.</summary>
    /// <returns>The rest of the state.</returns>
    /// <exception cref="Core.Errors.ModelException">The file is damaged, or of another recipe, seed or data.</exception>
    public TrainingState Read(Stream stream, ITrainingStep step, NetworkParameters best, long[] latentUses)
    {
        TrainingState? state = null;
        Safetensors.Read(stream, metadata => state = Accept(metadata), Entries(step, best, latentUses));
        return state!;
    }

    private TrainingState Accept(IReadOnlyDictionary<string, string> metadata)
    {
        foreach ((string key, string expected) in identity)
        {
            if (metadata.GetValueOrDefault(key) != expected)
                throw Safetensors.Corrupt($"its {key} is not that of this run");
        }
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(metadata.GetValueOrDefault(StateKey, ""), Json.Compact)
                ?? throw Safetensors.Corrupt("it has no state");
        }
        catch (JsonException e)
        {
            throw Safetensors.Corrupt("its state is not readable", e);
        }
    }

    private static List<SafetensorsEntry> Entries(ITrainingStep step, NetworkParameters best, long[] latentUses)
    {
        var entries = new List<SafetensorsEntry>();
        foreach ((string prefix, NetworkParameters arrays) in new[]
            { ("", step.Parameters), ("adam.m.", step.Adam.First), ("adam.v.", step.Adam.Second), ("best.", best) })
        {
            for (int i = 0; i < arrays.All.Count; i++)
            {
                var tensor = arrays.All[i];
                entries.Add(new SafetensorsEntry(prefix + NetworkParameters.Names[i], "F32", tensor.shape, () => tensor.bytes));
            }
        }
        entries.Add(new SafetensorsEntry("latent_uses", "I64", [latentUses.Length], () => MemoryMarshal.AsBytes(latentUses.AsSpan())));
        return entries;
    }

    private static Dictionary<string, string> Identify(ResolvedRecipe recipe, long seed, TrainingRows rows) =>
        new()
        {
            ["format"] = "hierembed-checkpoint",
            ["formatVersion"] = "1",
            ["recipe"] = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(recipe, Json.Compact))),
            ["seed"] = seed.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["rows"] = rows.Hash,
        };
}

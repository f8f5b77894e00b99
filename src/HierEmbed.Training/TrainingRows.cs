using System.IO.Hashing;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;

namespace HierEmbed.Training;

/// <summary>The rows of a training by their use, as the network sees them. May be used by one training after another.</summary>
public sealed class TrainingRows
{
    private TrainingRows(ScaledRows train, ScaledRows validation, long memoryBytes)
    {
        (Train, Validation, MemoryBytes) = (train, validation, memoryBytes);
        var hash = new XxHash128();
        TrainMoments = train.Moments(hash);
        ValidationMoments = validation.Moments(hash);
        Hash = Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Whether all rows are held in memory, so that their source is not needed any more.</summary>
    public bool IsResident => Train.IsResident;

    /// <summary>Rows that the network learns from.</summary>
    internal ScaledRows Train { get; }

    /// <summary>Rows that decide when to stop and which weights to keep.</summary>
    internal ScaledRows Validation { get; }

    /// <summary>Mean and total variance of the training rows.</summary>
    internal RunningMoments TrainMoments { get; }

    /// <summary>Mean and total variance of the validation rows.</summary>
    internal RunningMoments ValidationMoments { get; }

    /// <summary>XxHash128 of every value, hex: a checkpoint belongs to the rows that it was made from.</summary>
    internal string Hash { get; }

    /// <summary>Bytes of rows that are held in memory at most.</summary>
    internal long MemoryBytes { get; }

    /// <summary>Prepares raw rows. Where they fit into the memory given they are held there; else they are read from their source again each epoch.</summary>
    /// <param name="train">Rows that the network learns from, <c>[rows, inputDims]</c>, at least one.</param>
    /// <param name="validation">Rows that decide when to stop and which weights to keep, <c>[rows, inputDims]</c>, at least one. The same object as <paramref name="train"/> is held once.</param>
    /// <param name="scaler">Fitted on training rows, L2-normalized first where the recipe says so.</param>
    /// <param name="recipe">Says whether rows are L2-normalized.</param>
    /// <param name="memoryBytes">Bytes of rows that are held in memory at most. It decides the order in which rows are seen, so another number gives another training.</param>
    /// <param name="inPlace">Scales a <see cref="RowMatrix"/> that fits where it is, in place of a copy: its raw rows are gone afterwards.</param>
    public static TrainingRows Prepare(
        IRowSource train, IRowSource validation, StandardScaler scaler, ResolvedRecipe recipe, long memoryBytes = long.MaxValue, bool inPlace = false)
    {
        IRowSource[] sources = ReferenceEquals(train, validation) ? [train] : [train, validation];
        foreach (IRowSource rows in sources)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rows.Rows, 1, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Dims, recipe.InputDims, nameof(rows));
        }
        bool fits = sources.All(ScaledRows.Fits) && sources.Sum(ScaledRows.BytesOf) <= memoryBytes;
        ScaledRows[] scaled = [.. sources.Select(rows => ScaledRows.From(rows, scaler, recipe, fits, inPlace))];
        return new TrainingRows(scaled[0], scaled[^1], memoryBytes);
    }
}

using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;

namespace HierEmbed.Training;

/// <summary>The rows of a training by their use, as the network sees them. May be used by one training after another.</summary>
public sealed class TrainingRows
{
    private TrainingRows(ScaledRows train, ScaledRows validation, long memoryBytes) => (Train, Validation, MemoryBytes) = (train, validation, memoryBytes);

    /// <summary>Whether all rows are held in memory, so that their source is not needed any more.</summary>
    public bool IsResident => Train.IsResident;

    /// <summary>Rows that the network learns from.</summary>
    internal ScaledRows Train { get; }

    /// <summary>Rows that decide when to stop and which weights to keep.</summary>
    internal ScaledRows Validation { get; }

    /// <summary>Bytes of rows that are held in memory at most.</summary>
    internal long MemoryBytes { get; }

    /// <summary>Prepares raw rows. Where they fit into the memory given they are copied there; else they are read from their source again each epoch.</summary>
    /// <param name="train">Rows that the network learns from, <c>[rows, inputDims]</c>, at least one.</param>
    /// <param name="validation">Rows that decide when to stop and which weights to keep, <c>[rows, inputDims]</c>, at least one.</param>
    /// <param name="scaler">Fitted on training rows, L2-normalized first where the recipe says so.</param>
    /// <param name="recipe">Says whether rows are L2-normalized.</param>
    /// <param name="memoryBytes">Bytes of rows that are held in memory at most. It decides the order in which rows are seen, so another number gives another training.</param>
    public static TrainingRows Prepare(IRowSource train, IRowSource validation, StandardScaler scaler, ResolvedRecipe recipe, long memoryBytes = long.MaxValue)
    {
        foreach (IRowSource rows in new[] { train, validation })
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rows.Rows, 1, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Dims, recipe.InputDims, nameof(rows));
        }
        bool fits = ScaledRows.Fits(train) && ScaledRows.Fits(validation) && ScaledRows.BytesOf(train) + ScaledRows.BytesOf(validation) <= memoryBytes;
        return new TrainingRows(ScaledRows.From(train, scaler, recipe, fits), ScaledRows.From(validation, scaler, recipe, fits), memoryBytes);
    }
}

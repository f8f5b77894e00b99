namespace HierEmbed.Training;

/// <summary>The raw rows of a training by their use.</summary>
/// <param name="Train">Rows that the network learns from.</param>
/// <param name="Validation">Rows that decide when to stop and which weights to keep.</param>
public sealed record TrainingRows(RowMatrix Train, RowMatrix Validation);

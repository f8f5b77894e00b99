namespace HierEmbed.Core.Recipes;

/// <summary>What a new file in a dataset brings about.</summary>
public enum Retrain
{
    /// <summary>A new model is trained on all files.</summary>
    Always,

    /// <summary>The new files are coded with the current model.</summary>
    Never,
}

namespace HierEmbed.Core.Recipes;

/// <summary>What becomes of a dataset where one of its files cannot be used.</summary>
public enum OnBadFile
{
    /// <summary>The run fails, and names the file.</summary>
    Fail,

    /// <summary>The run goes on with the other files, and shows which it left out and why.</summary>
    Skip,
}

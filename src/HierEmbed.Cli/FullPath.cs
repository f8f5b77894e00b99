namespace HierEmbed.Cli;

/// <summary>Paths that users name.</summary>
internal static class FullPath
{
    /// <summary>The full path of an option's value.</summary>
    /// <exception cref="UsageException">The value is empty.</exception>
    public static string Of(string option, string value) =>
        value.Length > 0 ? Path.GetFullPath(value) : throw new UsageException($"{option} is empty; expected a path.");
}

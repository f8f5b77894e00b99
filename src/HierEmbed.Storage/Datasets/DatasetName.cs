using System.Text.RegularExpressions;
using HierEmbed.Core.Errors;

namespace HierEmbed.Storage.Datasets;

/// <summary>What a dataset may be called. Anything else is refused by name, never mapped to something close.</summary>
public static partial class DatasetName
{
    /// <summary>Whether a text is a dataset name.</summary>
    public static bool IsValid(string? name) => name is not null && Pattern().IsMatch(name);

    /// <summary>Refuses what is no dataset name.</summary>
    /// <returns>The name.</returns>
    /// <exception cref="DatasetException">It is none.</exception>
    public static string Require(string? name) => IsValid(name)
        ? name!
        : throw new DatasetException(ProblemTypes.InvalidDatasetName,
            $"\"{(name is { Length: > 80 } ? name[..77] + "..." : name)}\" is no dataset name; expected 1 to 63 of a-z, 0-9 and hyphen, a letter or digit first and last. Rename the folder or file.");

    // \z, not $: a newline at the end is no part of a name.
    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

using System.Text.Json;

namespace HierEmbed.Core.Evaluation;

/// <summary>One class for each row, from labels.</summary>
/// <remarks>
/// A label is a class by its text. A label that is a JSON list of texts names several: the row's class is the one that the most training rows
/// name (of equal ones the first in ordinal order), so that few rows end in a class of their own. Classes are the most frequent ones of the
/// training rows, each of two training rows at least; a row of any other class, or without a label, has none and is left out.
/// </remarks>
public sealed class RowClasses
{
    /// <summary>Most classes: more make a classifier slow and its figures hard to read.</summary>
    public const int MaxClasses = 100;

    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> numbers;

    /// <summary>Finds the classes.</summary>
    /// <param name="trainLabels">Labels of the training rows; null where a row has none.</param>
    public RowClasses(IEnumerable<string?> trainLabels)
    {
        string?[] labels = [.. trainLabels];
        foreach (string name in labels.SelectMany(NamesIn))
            counts[name] = counts.GetValueOrDefault(name) + 1;
        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string? label in labels)
        {
            if (MostFrequent(label) is { } name)
                rows[name] = rows.GetValueOrDefault(name) + 1;
        }
        Names = [.. rows.Where(row => row.Value > 1).OrderByDescending(row => row.Value).ThenBy(row => row.Key, StringComparer.Ordinal).Take(MaxClasses).Select(row => row.Key)];
        numbers = Names.Select((name, number) => (name, number)).ToDictionary(pair => pair.name, pair => pair.number, StringComparer.Ordinal);
    }

    /// <summary>Names of the classes by number, the most frequent first.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The number of a label's class; null where it has none.</summary>
    public int? Of(string? label) => MostFrequent(label) is { } name && numbers.TryGetValue(name, out int number) ? number : null;

    private string? MostFrequent(string? label) =>
        NamesIn(label).OrderByDescending(name => counts.GetValueOrDefault(name)).ThenBy(name => name, StringComparer.Ordinal).FirstOrDefault();

    private static IEnumerable<string> NamesIn(string? label)
    {
        if (string.IsNullOrWhiteSpace(label))
            return [];
        return label.StartsWith('[') && TryReadList(label) is { } names ? names.Distinct() : [label];
    }

    // A label that only looks like a list is a class like any other.
    private static List<string>? TryReadList(string label)
    {
        try
        {
            return JsonSerializer.Deserialize<List<string>>(label, Json.Compact);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

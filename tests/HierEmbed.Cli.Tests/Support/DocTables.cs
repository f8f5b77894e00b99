using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Cli.Tests.Support;

/// <summary>The README's tables, made from the code that they describe.</summary>
internal static partial class DocTables
{
    private static readonly XDocument Docs = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "HierEmbed.Core.xml"));

    public static IEnumerable<ProblemType> ProblemTypesDeclared => typeof(ProblemTypes).GetProperties(BindingFlags.Static | BindingFlags.Public)
        .Select(property => property.GetValue(null)).OfType<ProblemType>();

    public static string Problems() => Table(["code", "status", "title"],
        ProblemTypesDeclared.Select(type => new[] { $"`{type.Code}`", $"{type.Status}", type.Title }));

    public static string Recipes()
    {
        Recipe[] presets = [.. RecipePresets.Names.Select(RecipePresets.Get)];
        return Table(["field", "value", .. RecipePresets.Names.Select(name => $"`{name}`"), "meaning"], RecipeFields.All.Select(field =>
        {
            PropertyInfo property = typeof(Recipe).GetProperty(char.ToUpperInvariant(field.Name[0]) + field.Name[1..])!;
            return (string[])[$"`{field.Name}`", field.Expected, .. presets.Select(preset => Value(property.GetValue(preset))), Summary(property)];
        }));
    }

    public static string Settings()
    {
        var defaults = new HierEmbedOptions();
        return Table(["setting", "default", "meaning"], typeof(HierEmbedOptions).GetProperties()
            .Select(property => new[] { $"`{HierEmbedOptions.Section}__{property.Name}`", Value(property.GetValue(defaults)), Summary(property) }));
    }

    /// <summary>What the last run of all benchmarks found: its machine, its budgets, and the tables of peers.</summary>
    public static string Benchmarks()
    {
        string[] results = Repository.Read("tests/benchmarks/RESULTS.md").Split('\n');
        string machine = results.First(line => line.Contains(".NET ", StringComparison.Ordinal));
        return string.Join("\n\n", machine, TableAt(results, "| work | budget |"), TableAt(results, "| threads | rows a second |"), TableAt(results, "| 100,000 rows "));
    }

    private static string TableAt(string[] lines, string header)
    {
        string[] rows = [.. lines.SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|'))];
        Assert.True(rows.Length > 0, $"tests/benchmarks/RESULTS.md has no table that begins with \"{header}\".");
        return string.Join('\n', rows);
    }

    private static string Table(string[] columns, IEnumerable<string[]> rows)
    {
        string[] lines = [Line(columns), $"|{string.Concat(columns.Select(_ => "---|"))}", .. rows.Select(Line)];
        return string.Join('\n', lines);
    }

    private static string Line(string[] cells) => $"| {string.Join(" | ", cells)} |";

    private static string Value(object? value) => value switch
    {
        null => "–",
        TimeSpan time => time.ToString("c"),
        System.Collections.IEnumerable and not string => JsonSerializer.Serialize(value, Json.Compact).Trim('[', ']') is { Length: > 0 } list ? list.Replace(",", ", ", StringComparison.Ordinal) : "none",
        _ => JsonSerializer.Serialize(value, value.GetType(), Json.Compact).Trim('"'),
    };

    private static string Summary(PropertyInfo property)
    {
        string name = $"P:{property.DeclaringType!.FullName}.{property.Name}";
        XElement summary = Docs.Descendants("member").Single(member => member.Attribute("name")!.Value == name).Element("summary")!;
        foreach (XElement reference in summary.Descendants().Where(e => e.Attribute("cref") is not null).ToArray())
            reference.ReplaceWith(reference.Attribute("cref")!.Value.Split('.')[^1]);
        return Spaces().Replace(summary.Value, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

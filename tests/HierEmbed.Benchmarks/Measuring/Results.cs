namespace HierEmbed.Benchmarks.Measuring;

/// <summary>The table that the README's numbers come from.</summary>
internal static class Results
{
    private const string Folder = "tests/benchmarks";

    /// <summary>Writes tests/benchmarks/RESULTS.md: what was found, and from NOTES.md what is said of budgets that were missed.</summary>
    public static void Write(BenchmarkReport report)
    {
        string folder = Path.Combine(Cli.Root(), Folder);
        string target = Path.Combine(folder, "RESULTS.md");
        File.WriteAllText(target, report.ToMarkdown(Machine.Describe(), Notes(Path.Combine(folder, "NOTES.md"))));
        Console.WriteLine($"\nwritten to {target}");
    }

    /// <summary>One paragraph or more under a heading <c>## id</c> for each budget.</summary>
    private static Dictionary<string, string> Notes(string path) => File.ReadAllText(path).Split("\n## ").Skip(1)
        .Select(section => section.Split('\n', 2)).ToDictionary(parts => parts[0].Trim(), parts => parts[1].Trim());
}

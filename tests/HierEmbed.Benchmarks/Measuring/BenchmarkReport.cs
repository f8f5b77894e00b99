using System.Globalization;
using System.Text;

namespace HierEmbed.Benchmarks.Measuring;

/// <summary>What was measured: printed at once, and kept for RESULTS.md.</summary>
internal sealed class BenchmarkReport
{
    private readonly List<Finding> findings = [];
    private readonly StringBuilder details = new();

    /// <summary>Says a line, and keeps it among a section's details.</summary>
    public void Line(string line)
    {
        Console.WriteLine(line);
        details.Append(line).Append('\n');
    }

    /// <summary>Begins a section's details.</summary>
    public void Heading(string text) => Line($"\n## {text}\n");

    /// <summary>Says a table.</summary>
    /// <param name="header">Names of its columns.</param>
    /// <param name="rows">Its rows.</param>
    public void Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        Line("");
        Line($"| {string.Join(" | ", header)} |");
        Line($"|{string.Concat(header.Select(_ => "---|"))}");
        foreach (IReadOnlyList<string> row in rows)
            Line($"| {string.Join(" | ", row)} |");
        Line("");
    }

    /// <summary>A budget that a measure must not fall below.</summary>
    /// <param name="id">Its name, which notes on a miss go by.</param>
    /// <param name="work">What is done.</param>
    /// <param name="wanted">The least.</param>
    /// <param name="unit">Of both, with a leading space where it is written with one.</param>
    /// <param name="measured">What was measured.</param>
    public void AtLeast(string id, string work, double wanted, string unit, double measured) => Add(new Finding(id, work, $"≥ {Text(wanted)}{unit}", $"{Text(measured)}{unit}", measured >= wanted));

    /// <summary>A budget that a measure must not exceed.</summary>
    /// <inheritdoc cref="AtLeast"/>
    public void AtMost(string id, string work, double wanted, string unit, double measured) => Add(new Finding(id, work, $"≤ {Text(wanted)}{unit}", $"{Text(measured)}{unit}", measured <= wanted));

    /// <summary>The budgets, met or missed, those notes that tell why one was missed, and all details.</summary>
    /// <param name="machine">Machine, versions, date.</param>
    /// <param name="notes">By a budget's name, why it is missed and what was tried.</param>
    public string ToMarkdown(string machine, IReadOnlyDictionary<string, string> notes)
    {
        var text = new StringBuilder("# Benchmarks\n\nWritten by `bash tests/benchmarks.sh`: ratios within one run, sides taking turns, medians of five, one thread unless said.\n\n");
        text.Append(machine).Append("\n\n| work | budget | measured | |\n|---|---|---|---|\n");
        foreach (Finding finding in findings)
            text.Append(CultureInfo.InvariantCulture, $"| {finding.Work} | {finding.Wanted} | {finding.Measured} | {(finding.Met ? "met" : $"**missed**{(notes.ContainsKey(finding.Id) ? $" ({finding.Id})" : "")}")} |\n");
        foreach (Finding missed in findings.Where(f => !f.Met && notes.ContainsKey(f.Id)))
            text.Append(CultureInfo.InvariantCulture, $"\n**{missed.Id}**: {notes[missed.Id]}\n");
        return text.Append(details).ToString();
    }

    private void Add(Finding finding)
    {
        findings.Add(finding);
        Line($"- {finding.Work}: {finding.Measured}, budget {finding.Wanted}: {(finding.Met ? "met" : "MISSED")}");
    }

    private static string Text(double value) => value switch
    {
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private sealed record Finding(string Id, string Work, string Wanted, string Measured, bool Met);
}

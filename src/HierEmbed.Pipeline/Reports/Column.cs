namespace HierEmbed.Pipeline.Reports;

/// <summary>A column of a table.</summary>
/// <param name="Title">What stands above it.</param>
/// <param name="IsNumber">Whether its cells are figures, aligned at the right.</param>
internal sealed record Column(string Title, bool IsNumber = true);

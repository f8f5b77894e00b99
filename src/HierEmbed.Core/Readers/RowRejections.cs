using System.Text.Json;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers;

/// <summary>The rows of one file that were left out: all are counted, the first <see cref="ListedAtMost"/> are listed.</summary>
public sealed class RowRejections
{
    /// <summary>Rows listed with their reason; later ones are only counted.</summary>
    public const int ListedAtMost = 100;

    private readonly List<RejectedRow> listed = [];
    private readonly long[] counts = new long[Enum.GetValues<RejectionReason>().Length];

    /// <summary>The first rows that were left out.</summary>
    public IReadOnlyList<RejectedRow> Listed => listed;

    /// <summary>All rows that were left out.</summary>
    public long Count => counts.Sum();

    /// <summary>Rows left out for one reason.</summary>
    public long CountOf(RejectionReason reason) => counts[(int)reason];

    /// <summary>Rows left out by reason, in the words that are stored and served; reasons without any are left out.</summary>
    public IReadOnlyDictionary<string, long> ByReason => Enum.GetValues<RejectionReason>().Where(reason => counts[(int)reason] > 0)
        .ToDictionary(reason => JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), reason => counts[(int)reason]);

    /// <summary>Adds a row.</summary>
    public void Add(long row, RejectionReason reason, string detail)
    {
        counts[(int)reason]++;
        if (listed.Count < ListedAtMost)
            listed.Add(new RejectedRow(row, reason, detail));
    }

    /// <summary>Refuses the file where too many rows were left out, or all.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="rows">Rows read, rejected ones included.</param>
    /// <param name="maxFraction">Share of rows that may be rejected.</param>
    /// <exception cref="EmbeddingFileException">There are too many.</exception>
    public void ThrowIfTooMany(string file, long rows, double maxFraction)
    {
        if (Count == 0 || (Count <= rows * maxFraction && Count < rows))
            return;
        RejectedRow first = listed[0];
        throw new EmbeddingFileException(ProblemTypes.TooManyRejectedRows, file,
            FormattableString.Invariant($"{Count} of {rows} rows were rejected, {maxFraction:P1} may be. The first is row {first.Row}: {first.Detail}. Mend the rows or raise maxRejectedFraction."));
    }
}

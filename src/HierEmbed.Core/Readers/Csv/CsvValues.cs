using System.Collections.Frozen;
using System.Text;
using HierEmbed.Core.Readers.Text;

namespace HierEmbed.Core.Readers.Csv;

/// <summary>Reads the numbers of a field as data frames and spreadsheets write them.</summary>
internal static class CsvValues
{
    /// <summary>How missing numbers are written: by pandas, R, NumPy, C on Windows, databases.</summary>
    private static readonly FrozenSet<string> Missing = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "", "nan", "-nan", "+nan", "na", "n/a", "#n/a", "<na>", "null", "none", "nil", "nan(ind)", "-nan(ind)", "1.#qnan", "-1.#ind", "1.#ind", "-1.#qnan");

    private static readonly FrozenDictionary<string, float> Infinities = new Dictionary<string, float>
    {
        ["inf"] = float.PositiveInfinity,
        ["+inf"] = float.PositiveInfinity,
        ["-inf"] = float.NegativeInfinity,
        ["infinity"] = float.PositiveInfinity,
        ["+infinity"] = float.PositiveInfinity,
        ["-infinity"] = float.NegativeInfinity,
        ["1.#inf"] = float.PositiveInfinity,
        ["-1.#inf"] = float.NegativeInfinity,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a field as a number; NaN and infinity as such, and NaN where it is missing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out float value)
    {
        field = field.Trim(" \t"u8);
        if (NumberText.Parse(field, out value) == field.Length && !field.IsEmpty)
            return true;
        const int longestWord = 16;
        if (field.Length <= longestWord)
        {
            string word = Encoding.ASCII.GetString(field);
            if (Missing.Contains(word))
            {
                value = float.NaN;
                return true;
            }
            if (Infinities.TryGetValue(word, out value))
                return true;
        }
        return NumberText.TryParseWhole(field, out value);
    }

    /// <summary>Whether a field looks like a list in brackets.</summary>
    public static bool IsList(ReadOnlySpan<byte> field)
    {
        field = field.Trim(" \t\r\n"u8);
        return field.Length >= 2 && field[0] == '[' && field[^1] == ']';
    }
}

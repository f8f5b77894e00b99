using System.Globalization;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Npy;

/// <summary>Parses the Python dict of a header, <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>, and nothing else of Python.</summary>
internal ref struct NpyHeaderParser
{
    private readonly string text;
    private int at;

    private NpyHeaderParser(string text) => this.text = text;

    /// <summary>Parses a header's text.</summary>
    /// <exception cref="NpyHeaderException">It is not a dict of exactly descr, fortran_order and shape.</exception>
    public static NpyHeader Parse(string text, int headerBytes)
    {
        var parser = new NpyHeaderParser(text);
        string? descr = null;
        bool? fortranOrder = null;
        long[]? shape = null;
        parser.Expect('{');
        while (!parser.TryTake('}'))
        {
            string key = parser.String();
            parser.Expect(':');
            switch (key)
            {
                case "descr" when descr is null: descr = parser.Descr(); break;
                case "fortran_order" when fortranOrder is null: fortranOrder = parser.Bool(); break;
                case "shape" when shape is null: shape = parser.Tuple(); break;
                default: throw NpyHeader.Malformed($"the key '{Shorten(key)}' is unknown or there twice; expected descr, fortran_order, shape");
            }
            if (!parser.TryTake(','))
            {
                parser.Expect('}');
                break;
            }
        }
        parser.SkipSpace();
        if (parser.at < text.Length)
            throw NpyHeader.Malformed($"'{Shorten(text[parser.at..])}' follows the dict");
        if (descr is null || fortranOrder is null || shape is null)
            throw NpyHeader.Malformed("descr, fortran_order or shape is missing");
        return new NpyHeader(descr, fortranOrder.Value, shape, headerBytes);
    }

    private string Descr()
    {
        SkipSpace();
        if (at < text.Length && text[at] == '[')
            throw new NpyHeaderException(ProblemTypes.UnsupportedContent,
                "the dtype is a structure of fields; expected f2, f4 or f8. Save the field with the embeddings alone as a [rows, dims] array.");
        return String();
    }

    private string String()
    {
        SkipSpace();
        if (at >= text.Length || text[at] is not ('\'' or '"'))
            throw Unexpected("a quoted string");
        int end = text.IndexOf(text[at], at + 1);
        if (end < 0 || text.AsSpan(at, end - at).Contains('\\'))
            throw Unexpected("a quoted string");
        string value = text[(at + 1)..end];
        at = end + 1;
        return value;
    }

    private bool Bool()
    {
        SkipSpace();
        foreach ((string word, bool value) in ((string, bool)[])[("True", true), ("False", false)])
        {
            if (text.AsSpan(at).StartsWith(word, StringComparison.Ordinal))
            {
                at += word.Length;
                return value;
            }
        }
        throw Unexpected("True or False");
    }

    private long[] Tuple()
    {
        // NumPy has had at most 32 dimensions, 64 from version 2.
        const int maxRank = 64;
        var sizes = new List<long>();
        Expect('(');
        bool comma = true;
        while (!TryTake(')'))
        {
            if (!comma || sizes.Count == maxRank)
                throw Unexpected("a comma or ')'");
            sizes.Add(Integer());
            comma = TryTake(',');
        }
        return [.. sizes];
    }

    private long Integer()
    {
        SkipSpace();
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        if (!long.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            at = start;
            throw Unexpected("a size from 0");
        }
        return value;
    }

    private void Expect(char c)
    {
        if (!TryTake(c))
            throw Unexpected($"'{c}'");
    }

    private bool TryTake(char c)
    {
        SkipSpace();
        if (at >= text.Length || text[at] != c)
            return false;
        at++;
        return true;
    }

    private void SkipSpace()
    {
        while (at < text.Length && text[at] is (' ' or '\t' or '\r' or '\n'))
            at++;
    }

    private readonly NpyHeaderException Unexpected(string expected) =>
        NpyHeader.Malformed(at < text.Length ? $"'{Shorten(text[at..])}' where {expected} was expected" : $"it ends where {expected} was expected");

    private static string Shorten(string text) => string.Concat(text.Take(20).Select(c => char.IsControl(c) ? '?' : c));
}

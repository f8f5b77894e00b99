using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace HierEmbed.Pipeline.Reports;

/// <summary>Writes a page that is HTML and well-formed XML at once: whatever is text is escaped.</summary>
internal sealed class HtmlWriter
{
    /// <summary>Letters of every script stay as they are; what could be markup, and what has two units of UTF-16, becomes a reference.</summary>
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder html = new();

    /// <summary>Text as it stands in an element or a quoted attribute.</summary>
    public static string Escape(string text) => Encoder.Encode(WithoutControls(text));

    /// <summary>Writes markup of the program's own.</summary>
    public HtmlWriter Markup(string markup)
    {
        html.Append(markup);
        return this;
    }

    /// <summary>Writes an element that holds text.</summary>
    /// <param name="name">The element.</param>
    /// <param name="text">Its text.</param>
    /// <param name="cssClass">Its class, if any.</param>
    public HtmlWriter Element(string name, string text, string? cssClass = null) =>
        Markup(cssClass is null ? $"<{name}>" : $"<{name} class=\"{cssClass}\">").Markup(Escape(text)).Markup($"</{name}>\n");

    /// <summary>Opens a section with its heading.</summary>
    public HtmlWriter BeginSection(string id, string heading) =>
        Markup($"<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{Escape(heading)}</h2>\n");

    /// <summary>Closes a section.</summary>
    public HtmlWriter EndSection() => Markup("</section>\n");

    /// <summary>Writes a text of a user's: cut to a length that a page bears, and in a direction of its own.</summary>
    public HtmlWriter UserText(string text) => Markup($"<bdi dir=\"auto\">{Escape(Cut(text))}</bdi>");

    /// <inheritdoc/>
    public override string ToString() => html.ToString();

    /// <summary>At most <see cref="MaxShown"/> characters as readers count them: no emoji is cut in two.</summary>
    private static string Cut(string text)
    {
        string line = WithoutControls(text).Trim();
        int length = 0;
        for (int shown = 0; shown < MaxShown && length < line.Length; shown++)
        {
            int next = length + StringInfo.GetNextTextElementLength(line, length);
            // One character can be made of any number of units of UTF-16.
            if (next > 8 * MaxShown)
                break;
            length = next;
        }
        return length == line.Length ? line : line[..length].TrimEnd() + "…";
    }

    /// <summary>Most characters shown of a user's text.</summary>
    private const int MaxShown = 160;

    // XML has no place for most of them, not even as references.
    private static string WithoutControls(string text) =>
        text.Any(IsNoXml) ? string.Concat(text.Select(c => IsNoXml(c) ? ' ' : c)) : text;

    private static bool IsNoXml(char c) => char.IsControl(c) || c is '\uFFFE' or '\uFFFF';
}

namespace HierEmbed.Serving.Http;

/// <summary>What a client wrote, cut to the length that a message has room for.</summary>
internal static class Quoted
{
    /// <summary>At most 60 characters, without line breaks.</summary>
    public static string Shorten(string text) => (text.Length <= 60 ? text : text[..57] + "...").ReplaceLineEndings(" ");
}

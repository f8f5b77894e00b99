using System.Text.Json;

namespace HierEmbed.Core.Readers.Json;

/// <summary>Takes a reader past a list that was parsed otherwise.</summary>
internal static class JsonListEnd
{
    /// <summary>Moves a reader from a list's first bracket to its last.</summary>
    /// <param name="list">The text from the list's first bracket on.</param>
    /// <param name="length">The list's length with both brackets.</param>
    /// <param name="isFinal">Whether the text is the last.</param>
    /// <param name="reader">Stands at the first bracket, and afterwards at the last, in a text of its own.</param>
    /// <returns>That text: it begins with the last bracket.</returns>
    public static ReadOnlySpan<byte> Pass(ReadOnlySpan<byte> list, int length, bool isFinal, scoped ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> rest = list[(length - 1)..];
        reader = new Utf8JsonReader(rest, isFinal, reader.CurrentState);
        reader.Read();
        return rest;
    }
}

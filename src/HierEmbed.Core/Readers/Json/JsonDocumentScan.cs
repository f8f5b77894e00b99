using System.Text.Json;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Json;

/// <summary>The first of two passes over a document: checks that it is JSON to its end and finds the rows, wherever the keys stand.</summary>
internal sealed class JsonDocumentScan(string file, JsonTokens tokens, int maxTextBytes)
{
    /// <summary>Of lists that are not Cohere's, which come before them.</summary>
    private const int OrdinaryPreference = 2;

    /// <summary>What a text takes beside its characters, and a missing one too.</summary>
    private const int TextOverheadBytes = 32;

    /// <summary>Types that a message names at most.</summary>
    private const int MaxRefusedTypes = 10;

    private readonly List<string?> texts = [];
    private readonly SortedSet<string> refusedTypes = new(StringComparer.Ordinal);
    private long textBytes;
    private int rank;
    private JsonLayout? found;
    private string? parentModel;
    private string? inputType;

    /// <summary>Reads the whole document.</summary>
    /// <exception cref="EmbeddingFileException">It is not JSON, ends early, or has no embeddings that are read.</exception>
    public JsonLayout Run()
    {
        tokens.Read();
        if (tokens.Type == JsonTokenType.StartArray)
            TakeList("json", "float", preference: 1);
        else if (tokens.Type == JsonTokenType.StartObject)
            ReadObject(mayHoldResponse: true);
        while (tokens.Read()) { }

        if (found is not null)
            return found with { ParentModel = parentModel, InputType = inputType, Texts = textBytes <= maxTextBytes ? texts : [] };
        if (refusedTypes.Count > 0)
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file,
                $"the embeddings are of type {string.Join(", ", refusedTypes)} alone: packed bits are no numbers to train on. Ask for embedding_types [\"float\"] or [\"int8\"].");
        throw new EmbeddingFileException(ProblemTypes.UnknownFormat, file,
            "the JSON document has no embeddings; expected a Cohere response with the key embeddings, a list of lists, or a list of objects. Write one of these.");
    }

    private void ReadObject(bool mayHoldResponse)
    {
        long start = tokens.Offset;
        while (tokens.Read() && tokens.Type == JsonTokenType.PropertyName)
        {
            string key = tokens.Text!;
            tokens.Read(withText: true);
            switch (key, tokens.Type)
            {
                case ("embeddings", JsonTokenType.StartArray): TakeList("cohere", "float", OrdinaryPreference + CohereTypes.Rank("float")); break;
                case ("embeddings", JsonTokenType.StartObject): ReadTypes(); break;
                case ("emb" or "embedding" or "vector" or "values", JsonTokenType.StartArray): TakeList("json", "float", OrdinaryPreference, start); break;
                case ("texts", JsonTokenType.StartArray): ReadTexts(); break;
                case ("request", JsonTokenType.StartObject) when mayHoldResponse: ReadRequest(); break;
                case ("response", JsonTokenType.StartObject) when mayHoldResponse: ReadObject(mayHoldResponse: false); break;
                case ("model", JsonTokenType.String): parentModel ??= tokens.Text; break;
                case ("input_type", JsonTokenType.String): inputType ??= tokens.Text; break;
                default: tokens.Skip(); break;
            }
        }
    }

    /// <summary>Cohere's object of lists by type.</summary>
    private void ReadTypes()
    {
        while (tokens.Read() && tokens.Type == JsonTokenType.PropertyName)
        {
            string type = tokens.Text!;
            tokens.Read();
            if (tokens.Type != JsonTokenType.StartArray)
                tokens.Skip();
            else if (CohereTypes.Rank(type) is > 0 and var preference)
                TakeList("cohere", type, OrdinaryPreference + preference);
            else
            {
                if (refusedTypes.Count < MaxRefusedTypes)
                    refusedTypes.Add(type.Length > 20 ? type[..20] : type);
                tokens.Skip();
            }
        }
    }

    private void ReadRequest()
    {
        while (tokens.Read() && tokens.Type == JsonTokenType.PropertyName)
        {
            string key = tokens.Text!;
            tokens.Read(withText: true);
            // What was asked for names the model: a response does not.
            if (key == "model" && tokens.Type == JsonTokenType.String)
                parentModel = tokens.Text;
            else if (key == "input_type" && tokens.Type == JsonTokenType.String)
                inputType = tokens.Text;
            else
                tokens.Skip();
        }
    }

    private void ReadTexts()
    {
        texts.Clear();
        while (tokens.Read(withText: textBytes <= maxTextBytes) && tokens.Type != JsonTokenType.EndArray)
        {
            textBytes += TextOverheadBytes + (2L * (tokens.Text?.Length ?? 0));
            if (textBytes <= maxTextBytes)
                texts.Add(tokens.Text);
            tokens.Skip();
        }
    }

    /// <summary>Takes the list that begins here for the rows, unless a better one was found.</summary>
    /// <param name="format">cohere or json.</param>
    /// <param name="elementType">float, or another of <see cref="CohereTypes"/>.</param>
    /// <param name="preference">Of two lists, that of the higher preference is read.</param>
    /// <param name="objectStart">The object around it, which is the row with its id and text where the list is one embedding.</param>
    private void TakeList(string format, string elementType, int preference, long? objectStart = null)
    {
        long start = tokens.Offset;
        int depth = tokens.Depth;
        tokens.Read();
        // Encoded rows are texts; anything else that is no list or object is a number of the one row.
        bool single = elementType != CohereTypes.Base64 && tokens.Type is not (JsonTokenType.StartArray or JsonTokenType.StartObject or JsonTokenType.EndArray);
        if (preference > rank)
        {
            rank = preference;
            found = new JsonLayout(single ? objectStart ?? start : start, single, format, elementType, null, null, []);
        }
        tokens.Leave(depth);
    }
}

using System.Text.Json;

namespace HierEmbed.Core.Readers.Json;

/// <summary>The names under which Cohere's answers have one embedding in several types.</summary>
internal static class CohereTypes
{
    /// <summary>The name of float32 values encoded as text.</summary>
    public const string Base64 = "base64";

    /// <summary>Why there is no row where there is none of the types.</summary>
    public const string NoneFound = "no embeddings of type float, base64, int8 or uint8";

    /// <summary>Why packed bits are no row.</summary>
    public const string PackedBits = "embeddings of type binary or ubinary alone: packed bits, no numbers to train on";

    /// <summary>How good a type is: the highest is read; below 0 are those that are never read; 0 is none of Cohere's.</summary>
    public static int Rank(string type) => type switch
    {
        "float" => 4,
        Base64 => 3,
        "int8" => 2,
        "uint8" => 1,
        "binary" or "ubinary" => -1,
        _ => 0,
    };

    /// <summary>The type that a property's name is, with its rank.</summary>
    public static (int Rank, string Type) Find(ref Utf8JsonReader reader)
    {
        foreach (string type in (ReadOnlySpan<string>)["float", Base64, "int8", "uint8", "binary", "ubinary"])
        {
            if (reader.ValueTextEquals(type))
                return (Rank(type), type);
        }
        return (0, "");
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;

namespace HierEmbed.Core.Readers.Text;

/// <summary>Little-endian float32 values encoded as Base64, as Cohere and OpenAI answer them.</summary>
internal static class Base64Floats
{
    /// <summary>Why a text holds no row.</summary>
    public const string Problem = "a value that is not the Base64 of float32 values";

    /// <summary>Adds the values that a text holds.</summary>
    /// <param name="text">The text between its quotes; characters may be escaped as JSON does.</param>
    /// <param name="row">Where they go.</param>
    /// <returns>False where it is no Base64, or no whole number of values.</returns>
    public static bool TryAppend(ReadOnlySpan<byte> text, ParsedRow row)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            if (!TryUnescape(text, buffer, out int length))
                return false;
            if (Base64.DecodeFromUtf8InPlace(buffer.AsSpan(0, length), out int bytes) != OperationStatus.Done || bytes % sizeof(float) != 0)
                return false;
            for (int at = 0; at < bytes; at += sizeof(float))
                row.Append(BinaryPrimitives.ReadSingleLittleEndian(buffer.AsSpan(at)));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Serializers escape the slash, and some <c>+</c> and <c>=</c> as <c>\u002B</c> and <c>\u003D</c>.</summary>
    private static bool TryUnescape(ReadOnlySpan<byte> text, Span<byte> plain, out int length)
    {
        length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte character = text[i];
            if (character == '\\')
            {
                ReadOnlySpan<byte> escape = text[(i + 1)..];
                if (escape.StartsWith("/"u8))
                    (character, i) = ((byte)'/', i + 1);
                else if (escape.StartsWith("u00"u8) && escape.Length >= 5 && byte.TryParse(escape[3..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out character))
                    i += 5;
                else
                    return false;
            }
            plain[length++] = character;
        }
        return true;
    }
}

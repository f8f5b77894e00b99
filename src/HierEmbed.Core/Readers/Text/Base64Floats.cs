using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace HierEmbed.Core.Readers.Text;

/// <summary>Little-endian float32 values encoded as Base64, as Cohere and OpenAI answer them.</summary>
internal static class Base64Floats
{
    /// <summary>Why a text holds no row.</summary>
    public const string Problem = "a value that is not the Base64 of float32 values";

    /// <summary>Adds the values that a text holds.</summary>
    /// <param name="text">The text between its quotes; a slash may be escaped.</param>
    /// <param name="row">Where they go.</param>
    /// <returns>False where it is no Base64, or no whole number of values.</returns>
    public static bool TryAppend(ReadOnlySpan<byte> text, ParsedRow row)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            // Serializers that write for web pages escape the slash, and that alone of Base64's characters.
            int length = 0;
            foreach (byte character in text)
            {
                if (character != '\\')
                    buffer[length++] = character;
            }
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
}

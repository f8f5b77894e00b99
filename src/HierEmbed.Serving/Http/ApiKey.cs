using System.Security.Cryptography;
using System.Text;
using HierEmbed.Core.Errors;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Http;

/// <summary>The key that requests carry in <c>x-functions-key</c> or <c>?code=</c>, as a function app's do.</summary>
internal sealed class ApiKey
{
    /// <summary>Header that carries the key.</summary>
    public const string Header = "x-functions-key";

    /// <summary>Query parameter that carries the key.</summary>
    public const string QueryName = "code";

    private readonly byte[]? expected;

    /// <summary>Requires a key, or none.</summary>
    /// <param name="key">The key; null or empty: every request is let in.</param>
    public ApiKey(string? key) => expected = string.IsNullOrEmpty(key) ? null : Hash(key);

    /// <summary>Refuses a request without the key.</summary>
    /// <exception cref="RequestException">There is no key, or another.</exception>
    public void Require(HttpRequest request)
    {
        if (expected is null)
            return;
        string? given = request.Headers[Header].FirstOrDefault() ?? request.Query[QueryName].FirstOrDefault();
        // Hashes are of one length, so the time tells nothing of the key.
        if (given is null || !CryptographicOperations.FixedTimeEquals(Hash(given), expected))
            throw new RequestException(ProblemTypes.Unauthorized,
                $"The request carries {(given is null ? "no key" : "a wrong key")}. Send the key in the {Header} header.");
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

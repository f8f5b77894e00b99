using System.ComponentModel.DataAnnotations;
using HierEmbed.Core.Options;
using Microsoft.Extensions.Configuration;

namespace HierEmbed.Functions.Hosting;

/// <summary>Settings of the function app: <c>HierEmbed__*</c>, checked once at start-up, and the connection of its storage.</summary>
public static class Settings
{
    /// <summary>The setting that says where both containers are. A flat name, since a blob trigger does not find a sectioned one (azure-functions-dotnet-worker#1842).</summary>
    public const string Connection = "HierEmbedStorage";

    /// <summary>Binds and validates the settings.</summary>
    /// <param name="configuration">App settings.</param>
    /// <exception cref="InvalidOperationException">A setting is unknown, cannot be read or is out of its range.</exception>
    public static HierEmbedOptions Load(IConfiguration configuration)
    {
        var options = new HierEmbedOptions();
        configuration.GetSection(HierEmbedOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
            throw new InvalidOperationException($"A setting HierEmbed__* is wrong: {problems[0].ErrorMessage}");
        // Asked for twice, a key would have to be both: the host's and this one.
        if (!string.IsNullOrEmpty(options.ApiKey))
            throw new InvalidOperationException("HierEmbed__ApiKey is set, but a function app checks its function keys itself. Remove the setting; it is for the in-process host.");
        return options;
    }

    /// <summary>Where both containers are.</summary>
    /// <exception cref="InvalidOperationException">It is not said.</exception>
    public static string StorageOf(IConfiguration configuration) => configuration[Connection] is { Length: > 0 } storage
        ? storage
        : throw new InvalidOperationException($"The setting {Connection} is missing; it says where embeddings and results are stored.");
}

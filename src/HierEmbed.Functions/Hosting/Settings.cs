using System.ComponentModel.DataAnnotations;
using System.Globalization;
using HierEmbed.Core.Options;
using HierEmbed.Storage;
using Microsoft.Extensions.Configuration;

namespace HierEmbed.Functions.Hosting;

/// <summary>Settings of the function app: <c>HierEmbed__*</c>, checked once at start-up, and the connection of its storage.</summary>
public static class Settings
{
    /// <summary>The setting that says where both containers are. A flat name, since a blob trigger does not find a sectioned one (azure-functions-dotnet-worker#1842).</summary>
    public const string Connection = "HierEmbedStorage";

    /// <summary>Two thirds of host.json's functionTimeout: loading the rows and writing the checkpoint come on top of the budget.</summary>
    public static TimeSpan MostStepBudget { get; } = TimeSpan.FromMinutes(20);

    /// <summary>Bytes of a body that the Functions host reads by default (azure-functions-host, <c>ScriptConstants.DefaultMaxRequestBodySize</c>).</summary>
    private const long HostBodyBytes = 100L << 20;

    /// <summary>The host's own setting for it, where it is raised.</summary>
    private const string HostBodyBytesSetting = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

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
        // Two settings for one thing would disagree one day.
        if (!string.IsNullOrEmpty(options.Storage))
            throw new InvalidOperationException($"HierEmbed__Storage is set, but a function app's storage is {Connection}, which its blob trigger needs. Remove the setting; it is for the in-process host.");
        // Past its own limit the host answers 500 without a word, and 413 would never be said.
        long hostBytes = long.TryParse(configuration[HostBodyBytesSetting], NumberStyles.None, CultureInfo.InvariantCulture, out long raised) ? raised : HostBodyBytes;
        if (options.MaxBodyBytes > hostBytes)
            throw new InvalidOperationException($"HierEmbed__MaxBodyBytes is {options.MaxBodyBytes}, but the Functions host reads {hostBytes} bytes of a body at most. Set {HostBodyBytesSetting} to as much, or lower it.");
        // A chunk that the host stops before its checkpoint is trained again, and stopped again.
        if (options.StepBudget > MostStepBudget)
            throw new InvalidOperationException($"HierEmbed__StepBudget is {options.StepBudget}, but a step must end well within the host's functionTimeout of 30 minutes: {MostStepBudget} at most.");
        return options;
    }

    /// <summary>Opens both containers, by the connection that the blob trigger has too: a connection string, or the parts of a connection by identity.</summary>
    /// <param name="configuration">App settings.</param>
    /// <param name="options">Names of the containers; given the identity's client id where the connection names one.</param>
    /// <exception cref="InvalidOperationException">There is no such connection.</exception>
    /// <exception cref="Core.Errors.RequestException">It cannot be read. The message does not show it: a connection string holds a secret.</exception>
    public static HierEmbedStorage OpenStorage(IConfiguration configuration, HierEmbedOptions options)
    {
        if (configuration[Connection] is { Length: > 0 } connection)
            return HierEmbedStorage.Open(connection, options);
        if (configuration[$"{Connection}:blobServiceUri"] is not { Length: > 0 } address)
            throw new InvalidOperationException($"The setting {Connection} is missing, and {Connection}__blobServiceUri too; one of them says where embeddings and results are stored.");
        // A setting that is there and empty is not set.
        if (string.IsNullOrEmpty(options.ManagedIdentityClientId))
            options.ManagedIdentityClientId = configuration[$"{Connection}:clientId"];
        return HierEmbedStorage.Open(address, options);
    }
}

using System.ComponentModel.DataAnnotations;
using HierEmbed.Core.Options;
using Microsoft.Extensions.Configuration;

namespace HierEmbed.Cli;

/// <summary>Settings of the command line: one machine's defaults, then <c>HierEmbed__*</c> from the environment.</summary>
internal static class Settings
{
    public static HierEmbedOptions Load()
    {
        var options = new HierEmbedOptions { QuietPeriod = TimeSpan.FromSeconds(2), PollInterval = TimeSpan.FromSeconds(1), MaxParallelSteps = 2 };
        try
        {
            new ConfigurationBuilder().AddEnvironmentVariables().Build().GetSection(HierEmbedOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            throw new UsageException($"a setting HierEmbed__* in the environment is wrong: {e.Message}");
        }
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
            throw new UsageException($"a setting HierEmbed__* in the environment is wrong: {problems[0].ErrorMessage}");
        return options;
    }
}

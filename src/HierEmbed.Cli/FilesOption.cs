using System.CommandLine;

namespace HierEmbed.Cli;

/// <summary>An option that takes files and folders, several after one name.</summary>
internal sealed class FilesOption : Option<string[]>
{
    public FilesOption(string name, string description) : base(name)
    {
        Description = description;
        HelpName = "files";
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = true;
        Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
                result.AddError($"{name} holds an empty path; expected files.");
            else if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } option)
                result.AddError($"There is no option {option.Value}. (A file of that name is ./{option.Value}.)");
        });
    }
}

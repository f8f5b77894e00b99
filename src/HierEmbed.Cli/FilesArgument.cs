using System.CommandLine;

namespace HierEmbed.Cli;

/// <summary>Files and folders. What looks like an option is a mistyped one, and no file's name.</summary>
internal sealed class FilesArgument : Argument<string[]>
{
    public FilesArgument(string description) : base("files")
    {
        Description = description;
        Arity = ArgumentArity.OneOrMore;
        Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } option)
                result.AddError($"There is no option {option.Value}. (A file of that name is ./{option.Value}.)");
        });
    }
}

using System.CommandLine;

namespace HierEmbed.Cli;

/// <summary>An option that takes a path; an empty one, as an unset shell variable gives, is refused.</summary>
internal sealed class PathOption : Option<string>
{
    public PathOption(string name, string helpName, string description) : base(name)
    {
        HelpName = helpName;
        Description = description;
        Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
                result.AddError($"{name} is empty; expected a {helpName}.");
        });
    }
}

using System.CommandLine;
using System.Globalization;

namespace HierEmbed.Cli;

/// <summary>An option that takes a whole number of a range; its error says which.</summary>
internal sealed class WholeNumberOption : Option<long?>
{
    public WholeNumberOption(string name, string description, long min, long max) : base(name)
    {
        Description = description;
        HelpName = "number";
        CustomParser = result =>
        {
            string token = result.Tokens[0].Value;
            if (long.TryParse(token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max)
                return value;
            result.AddError($"{name} is \"{token}\"; expected a whole number {(max == long.MaxValue ? $"from {min}" : $"from {min} to {max}")}.");
            return null;
        };
    }
}

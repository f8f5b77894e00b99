using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace HierEmbed.Cli.Output;

/// <summary>The usual help, with commands to copy below it.</summary>
internal sealed class HelpWithExamples(HelpAction help, IReadOnlyDictionary<string, string[]> examples) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    /// <summary>Adds examples to the help of a command line.</summary>
    /// <param name="root">The command line.</param>
    /// <param name="examples">What follows <c>hierembed</c>, by the command's name; the root's under its own.</param>
    public static void AddTo(RootCommand root, IReadOnlyDictionary<string, string[]> examples)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!, examples);
    }

    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        Command command = parseResult.CommandResult.Command;
        if (examples.TryGetValue(command is RootCommand ? string.Empty : command.Name, out string[]? lines))
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string line in lines)
                output.WriteLine($"  hierembed {line}");
            output.WriteLine();
        }
        return code;
    }
}

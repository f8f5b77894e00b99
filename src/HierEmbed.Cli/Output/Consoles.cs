using Spectre.Console;

namespace HierEmbed.Cli.Output;

/// <summary>Results go to standard output, progress and errors to standard error; neither is animated when redirected.</summary>
internal static class Consoles
{
    /// <summary>Width of redirected output: no path is so long that its table row breaks, and a row stays one line for grep.</summary>
    private const int RedirectedWidth = 10_000;

    public static IAnsiConsole Results { get; } = Create(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Progress { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Whether progress can be redrawn in place.</summary>
    public static bool IsLive => !Console.IsErrorRedirected && Progress.Profile.Capabilities.Ansi;

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
            console.Profile.Width = RedirectedWidth;
        return console;
    }
}

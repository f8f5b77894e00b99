namespace HierEmbed.Cli;

/// <summary>The command line asks for what cannot be: exit code 2.</summary>
/// <param name="message">What was found, what was expected.</param>
internal sealed class UsageException(string message) : Exception(message);

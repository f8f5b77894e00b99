using System.CommandLine;
using HierEmbed.Cli.Hosting;
using HierEmbed.Serving.Hosting;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed serve</c>: watches the uploads container, trains, and serves /api/v1, in one process.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var storage = new Option<string>("--storage") { Description = "Folder of the containers embeddings/ and hierembed/.", DefaultValueFactory = _ => "hierembed-storage" };
        var urls = new Option<string>("--urls") { Description = "Address to listen on. Beyond loopback HierEmbed__ApiKey must be set.", DefaultValueFactory = _ => ApiHost.DefaultUrl };
        var command = new Command("serve", "Watch a folder for embedding files, train models on them, and serve the models over HTTP.") { storage, urls };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string root = Path.GetFullPath(parsed.GetValue(storage)!);
            await using LocalHost host = await LocalHost.StartAsync(root, Settings.Load(), parsed.GetValue(urls)!, verbose: true, cancellationToken);
            Console.Error.WriteLine($"Drop embedding files into {Path.Combine(root, host.Options.UploadsContainer)}/<dataset>/");
            Console.Error.WriteLine($"Listening on {host.Address}/api/v1 (Ctrl+C stops)");
            await LocalHost.WaitAsync(cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }
}

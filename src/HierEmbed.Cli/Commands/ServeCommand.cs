using System.CommandLine;
using HierEmbed.Cli.Hosting;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Hosting;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed serve</c>: watches the uploads container, trains, and serves /api/v1, in one process.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var storage = new PathOption("--storage", "folder", "Folder of the containers embeddings/ and hierembed/.") { DefaultValueFactory = _ => "hierembed-storage" };
        var urls = new Option<string>("--urls") { HelpName = "url", Description = "Address to listen on. Beyond loopback HierEmbed__ApiKey must be set.", DefaultValueFactory = _ => ApiHost.DefaultUrl };
        var command = new Command("serve", "Watch a folder for embedding files, train models on them, and serve the models over HTTP.") { storage, urls };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string root = Path.GetFullPath(parsed.GetValue(storage)!);
            HierEmbedOptions options = Settings.Load();
            RequireUrls(parsed.GetValue(urls)!, options);
            await using LocalHost host = await LocalHost.StartAsync(root, options, parsed.GetValue(urls)!, verbose: true, cancellationToken);
            Console.Error.WriteLine($"Drop embedding files into {Path.Combine(root, host.Options.UploadsContainer)}/<dataset>/");
            Console.Error.WriteLine($"Listening on {new Uri(host.Address, "/api/v1")} (Ctrl+C stops)");
            await LocalHost.WaitAsync(cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static void RequireUrls(string urls, HierEmbedOptions options)
    {
        string[] all = urls.Split(';');
        foreach (string url in all)
        {
            // Kestrel's words for every address are no host names.
            string host = url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
            if (!Uri.TryCreate(host, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
                throw new UsageException($"--urls holds \"{url}\"; expected an address such as {ApiHost.DefaultUrl}.");
        }
        try
        {
            ApiHost.RequireKeyBeyondLoopback(all, options);
        }
        catch (RequestException e)
        {
            throw new UsageException($"--urls: {e.Message}");
        }
    }
}

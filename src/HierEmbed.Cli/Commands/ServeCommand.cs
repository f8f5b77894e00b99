using System.CommandLine;
using HierEmbed.Cli.Hosting;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Hosting;
using HierEmbed.Storage;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed serve</c>: watches the uploads container, trains, and serves /api/v1, in one process.</summary>
internal static class ServeCommand
{
    private const string DefaultFolder = "hierembed-storage";

    public static Command Create()
    {
        var storage = new PathOption("--storage", "location",
            $"Where the containers embeddings and hierembed are: a folder, an Azure Storage connection string, or the address of a blob service. Not set: HierEmbed__Storage, else {DefaultFolder}.");
        var urls = new Option<string>("--urls") { HelpName = "url", Description = "Address to listen on. Beyond loopback HierEmbed__ApiKey must be set.", DefaultValueFactory = _ => ApiHost.DefaultUrl };
        var command = new Command("serve", "Watch storage for embedding files, train models on them, and serve the models over HTTP.") { storage, urls };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            HierEmbedOptions options = Settings.Load();
            string location = parsed.GetValue(storage) ?? options.Storage ?? DefaultFolder;
            RequireUrls(parsed.GetValue(urls)!, options);
            await using LocalHost host = await LocalHost.StartAsync(RequireStorage(location, options), options, parsed.GetValue(urls)!, verbose: true, cancellationToken);
            Console.Error.WriteLine(HierEmbedStorage.IsFolder(location)
                ? $"Drop embedding files into {Path.Combine(Path.GetFullPath(location), options.UploadsContainer)}/<dataset>/"
                : $"Upload embedding files to the container {options.UploadsContainer}, as <dataset>/<file>");
            Console.Error.WriteLine($"Listening on {new Uri(host.Address, "/api/v1")} (Ctrl+C stops)");
            await LocalHost.WaitAsync(cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static HierEmbedStorage RequireStorage(string location, HierEmbedOptions options)
    {
        if (string.IsNullOrWhiteSpace(location))
            throw new UsageException("HierEmbed__Storage is empty; expected a folder, a connection string or an address.");
        try
        {
            return HierEmbedStorage.Open(location, options);
        }
        catch (RequestException e)
        {
            throw new UsageException($"--storage: {e.Message}");
        }
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

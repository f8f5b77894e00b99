using System.Diagnostics;
using System.Runtime.InteropServices;
using HierEmbed.Training.Build;

namespace HierEmbed.Training.Tests.TorchLoading;

public sealed class PublishedTorchTests
{
    [Fact]
    public async Task Publish_RunFromTheFolder_TorchLoadsWithItsNeededNativesAlone()
    {
        string root = Directory.CreateTempSubdirectory("hierembed-publish-").FullName;
        try
        {
            string project = Path.Combine(RepositoryRoot(), "tests", "Programs", "TorchLoadProbe", "TorchLoadProbe.csproj");
            string folder = Path.Combine(root, "published");
            // Its own artifacts path: as in a fresh clone, and nobody who builds meanwhile is in the way.
            await RunAsync("dotnet", "publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "--no-self-contained",
                "-o", folder, "--artifacts-path", Path.Combine(root, "artifacts"), "-nodeReuse:false");

            string printed = await RunAsync(Path.Combine(folder, "TorchLoadProbe"));

            Assert.Equal("10", printed.Trim());
            string[] files = [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!)];
            Assert.DoesNotContain(files, f => f.Contains("torch_python", StringComparison.Ordinal) || f.Contains("_test.", StringComparison.Ordinal));
            if (OperatingSystem.IsLinux())
                Assert.False(LibstdcxxRelaxation.Apply(await File.ReadAllBytesAsync(Path.Combine(folder, "libLibTorchSharp.so"), TestContext.Current.CancellationToken)));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output}{await errors}");
        return await output;
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HierEmbed.Functions.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run from below the repository.");
    }
}

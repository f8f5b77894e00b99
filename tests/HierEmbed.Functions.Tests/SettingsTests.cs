using System.Globalization;
using System.Text.Json;
using Azure.Core.Serialization;
using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Functions.Hosting;
using HierEmbed.Functions.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Blobs;
using HierEmbed.Storage.Runs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace HierEmbed.Functions.Tests;

public sealed class SettingsTests
{
    private static Dictionary<string, string> Sample => JsonDocument.Parse(Repository.Read("local.settings.sample.json")).RootElement
        .GetProperty("Values").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);

    [Fact]
    public void Sample_HoldsEverySettingWithItsDefault()
    {
        var defaults = new HierEmbedOptions();
        Dictionary<string, string> expected = typeof(HierEmbedOptions).GetProperties().ToDictionary(p => $"HierEmbed__{p.Name}", p => p.GetValue(defaults) switch
        {
            bool flag => flag ? "true" : "false",
            var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        });
        Assert.NotEmpty(expected);
        Assert.Equal(expected.OrderBy(s => s.Key), Sample.Where(s => s.Key.StartsWith("HierEmbed__", StringComparison.Ordinal)).OrderBy(s => s.Key));
    }

    [Fact]
    public void Sample_Bound_IsTheDefaults()
    {
        HierEmbedOptions bound = Settings.Load(App.Configuration([.. Sample.Select(s => (s.Key.Replace("__", ":", StringComparison.Ordinal), s.Value))]));
        (bound.ApiKey, bound.Storage, bound.ManagedIdentityClientId, bound.ScratchPath) = (null, null, null, null); // a setting is text: none is empty
        Assert.Equal(JsonSerializer.Serialize(new HierEmbedOptions(), Json.Compact), JsonSerializer.Serialize(bound, Json.Compact));
    }

    [Fact]
    public void Sample_NamesAFunctionWhereItDisablesOne()
    {
        Assert.Contains(Settings.Connection, Sample.Keys);
        string disabled = Assert.Single(Sample.Keys, name => name.EndsWith(".Disabled", StringComparison.Ordinal));
        Assert.Contains(FunctionMethod.All, f => disabled == $"AzureWebJobs.{f.Name}.Disabled");
    }

    [Fact]
    public void Load_BodiesAsLargeAsTheHostWasToldToRead_AreAccepted() =>
        Assert.Equal(200_000_000, Settings.Load(App.Configuration(("HierEmbed:MaxBodyBytes", "200000000"), ("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "200000000"))).MaxBodyBytes);

    [Theory]
    [InlineData("HierEmbed:QuietPeriodd", "00:00:10", "QuietPeriodd")]
    [InlineData("HierEmbed:CodesK", "0", "CodesK")]
    [InlineData("HierEmbed:UploadsContainer", "No Container", "UploadsContainer")]
    [InlineData("HierEmbed:Threads", "many", "Threads")]
    [InlineData("HierEmbed:ApiKey", "secret", "function keys")]
    [InlineData("HierEmbed:Storage", "secret", "HierEmbedStorage")]
    [InlineData("HierEmbed:MaxBodyBytes", "104857601", "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")]
    [InlineData("HierEmbed:StepBudget", "00:20:01", "functionTimeout")]
    public void Load_WrongSetting_IsRefusedByName(string name, string value, string named)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Settings.Load(App.Configuration((name, value))));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenStorage_Missing_IsRefusedByName() =>
        Assert.Contains("HierEmbedStorage", Assert.Throws<InvalidOperationException>(() => Settings.OpenStorage(App.Configuration(), new HierEmbedOptions())).Message, StringComparison.Ordinal);

    [Fact]
    public void OpenStorage_PartsOfAConnectionByIdentity_AreTaken()
    {
        var options = new HierEmbedOptions { ManagedIdentityClientId = "" }; // as the sample has it
        HierEmbedStorage storage = Settings.OpenStorage(App.Configuration(
            ("HierEmbedStorage:blobServiceUri", "https://account.blob.core.windows.net"), ("HierEmbedStorage:clientId", "an-identity")), options);
        Assert.IsType<BlobStore>(storage.Uploads);
        Assert.Equal("an-identity", options.ManagedIdentityClientId);
    }

    [Fact]
    public void OpenStorage_UnreadableConnection_DoesNotShowWhatMayBeASecret()
    {
        var error = Assert.Throws<RequestException>(() => Settings.OpenStorage(App.Configuration(("HierEmbedStorage", "DefaultEndpointsProtocol=https;AccountKey=secret")), new HierEmbedOptions()));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WorkerSerializer_WritesAsStored()
    {
        using var app = new App();
        ObjectSerializer serializer = app.Get<IOptions<WorkerOptions>>().Value.Serializer!;
        Assert.Equal("\"superseded\"", serializer.Serialize(RunState.Superseded, typeof(RunState), TestContext.Current.CancellationToken).ToString());
    }
}

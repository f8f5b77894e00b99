using HierEmbed.Functions.Tests.Support;
using HierEmbed.Functions.Watchers;
using HierEmbed.Pipeline.Steps;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Tests;

public sealed class WatcherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wake_NoInstance_SchedulesTheDatasetsWatcher()
    {
        await using var client = new FakeDurableClient();
        await DurableWatchers.WakeAsync(client, "docs", Cancellation);
        Assert.Equal([("WatchDataset", new DatasetInput("docs"), "watch-docs")], client.Scheduled);
    }

    [Theory]
    [InlineData(OrchestrationRuntimeStatus.Running)]
    [InlineData(OrchestrationRuntimeStatus.Pending)]
    [InlineData(OrchestrationRuntimeStatus.Suspended)]
    public async Task Wake_InstanceAtWork_SchedulesNothing(OrchestrationRuntimeStatus status)
    {
        await using var client = new FakeDurableClient();
        client.Put("watch-docs", status);
        await DurableWatchers.WakeAsync(client, "docs", Cancellation);
        Assert.Empty(client.Scheduled);
    }

    [Theory]
    [InlineData(OrchestrationRuntimeStatus.Completed)]
    [InlineData(OrchestrationRuntimeStatus.Failed)]
    [InlineData(OrchestrationRuntimeStatus.Terminated)]
    public async Task Wake_InstanceOver_SchedulesItAgain(OrchestrationRuntimeStatus status)
    {
        await using var client = new FakeDurableClient();
        client.Put("watch-docs", status);
        await DurableWatchers.WakeAsync(client, "docs", Cancellation);
        Assert.Equal("watch-docs", Assert.Single(client.Scheduled).InstanceId);
    }

    [Fact]
    public async Task Wake_AnotherInvocationWasFirst_IsNoFault()
    {
        await using var client = new FakeDurableClient();
        client.AfterLook = id =>
        {
            client.Put(id, OrchestrationRuntimeStatus.Running);
            return Task.CompletedTask;
        };
        await DurableWatchers.WakeAsync(client, "docs", Cancellation);
        Assert.Empty(client.Scheduled);
        Assert.Equal(1, client.Refused);
    }

    [Fact]
    public async Task Wake_OtherFault_IsThrown()
    {
        await using var client = new FakeDurableClient { Fault = new IOException("gone") };
        await Assert.ThrowsAsync<IOException>(() => DurableWatchers.WakeAsync(client, "docs", Cancellation));
    }

    [Fact]
    public async Task WithAsync_TwoAtOnce_EachUsesItsOwnClient()
    {
        var watchers = new DurableWatchers();
        await using var first = new FakeDurableClient();
        await using var second = new FakeDurableClient();
        var bothIn = new TaskCompletionSource();
        Task<bool> one = watchers.WithAsync(first, () => WakeAsync("one"));
        Task<bool> two = watchers.WithAsync(second, () => WakeAsync("two"));
        bothIn.SetResult();
        await Task.WhenAll(one, two);
        Assert.Equal("watch-one", Assert.Single(first.Scheduled).InstanceId);
        Assert.Equal("watch-two", Assert.Single(second.Scheduled).InstanceId);
        await Assert.ThrowsAsync<InvalidOperationException>(() => watchers.WakeAsync("three", Cancellation));

        async Task<bool> WakeAsync(string dataset)
        {
            await bothIn.Task;
            await watchers.WakeAsync(dataset, Cancellation);
            return true;
        }
    }
}

using System.Text.Json;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Tests.Support;

namespace HierEmbed.Serving.Tests;

public sealed class EncodeQueueTests
{
    // float32 sums of 8 products, in an order that depends on the rows beside, against float64.
    private const float Tolerance = 1e-5f;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task EncodeAsync_CallsOfAnyLengthAtOnce_EachRowOnceAndItsOwn(int products)
    {
        using EncoderModel model = await LoadAsync();
        var queue = new EncodeQueue(model, products);
        int[] lengths = [1, 2, 63, 64, 65, 150, 5, 1, 1];
        await Task.WhenAll(Enumerable.Range(0, 200).Select(call => Task.Run(async () =>
        {
            int count = lengths[call % lengths.Length];
            int[] taken = new int[count];
            await queue.EncodeAsync(Rows(call, count), count, (row, preActivations) =>
            {
                Interlocked.Increment(ref taken[row]);
                float[] expected = Golden.PreActivations("a")[(call + row) % 5];
                for (int i = 0; i < expected.Length; i++)
                    Assert.Equal(expected[i], preActivations[i], Tolerance);
            }, Cancellation);
            Assert.All(taken, times => Assert.Equal(1, times));
        }, Cancellation)));
    }

    [Fact]
    public async Task EncodeAsync_CancelledWhileItWaits_OthersAreAnswered()
    {
        using EncoderModel model = await LoadAsync();
        var queue = new EncodeQueue(model, products: 1);
        using var release = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        Task atWork = queue.EncodeAsync(Rows(0, 1), 1, (_, _) => release.Wait(Cancellation), Cancellation);
        int taken = 0;
        Task[] others = [.. Enumerable.Range(0, 5).Select(_ => queue.EncodeAsync(Rows(0, 1), 1, (_, _) => taken++, Cancellation))];
        Task given = queue.EncodeAsync(Rows(0, 70), 70, (_, _) => Assert.Fail("It was cancelled."), cancelled.Token);
        await cancelled.CancelAsync();
        Assert.False(given.IsCompleted); // Its rows may still be read.
        release.Set();
        await atWork;
        await Task.WhenAll(others);
        Assert.Equal(5, taken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
    }

    [Fact]
    public async Task EncodeAsync_OneRowBesideALongCall_WaitsForTheQueuedPartsOfItAlone()
    {
        using EncoderModel model = await LoadAsync();
        var queue = new EncodeQueue(model, products: 1);
        using var release = new ManualResetEventSlim();
        int taken = 0, before = -1;
        Task longCall = queue.EncodeAsync(Rows(0, 640), 640, (row, _) =>
        {
            if (row == 0)
                release.Wait(Cancellation);
            taken++;
        }, Cancellation);
        // Two parts of the long call are queued, and the others come behind this row.
        Task oneRow = queue.EncodeAsync(Rows(0, 1), 1, (_, _) => before = taken, Cancellation);
        release.Set();
        await Task.WhenAll(longCall, oneRow);
        Assert.Equal(2 * EncodeQueue.MaxRows, before);
        Assert.Equal(640, taken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EncodeAsync_LongCallEndsEarly_NothingReadsItsRowsAfterwards(bool isFaulted)
    {
        using EncoderModel model = await LoadAsync();
        var queue = new EncodeQueue(model, products: 1);
        using var release = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        var atWork = new TaskCompletionSource();
        int taken = 0;
        Task longCall = queue.EncodeAsync(Rows(0, 640), 640, (row, _) =>
        {
            if (row == 0)
            {
                atWork.SetResult();
                release.Wait(Cancellation);
            }
            if (isFaulted && row == 1)
                throw new InvalidDataException("row 1");
            taken++;
        }, cancelled.Token);
        await atWork.Task;
        if (!isFaulted)
            await cancelled.CancelAsync();
        Assert.False(longCall.IsCompleted); // The first part may still be read.
        release.Set();
        Exception thrown = (await Record.ExceptionAsync(() => longCall))!;
        if (isFaulted)
            Assert.IsType<InvalidDataException>(thrown);
        else
            Assert.IsType<OperationCanceledException>(thrown, exactMatch: false);
        // The queue goes on, and what it does is not of the call that has ended.
        int ended = taken;
        await queue.EncodeAsync(Rows(0, 1), 1, (_, _) => { }, Cancellation);
        Assert.Equal(ended, taken);
        // Cancelled: the part that was at work. Faulted: row 0 of it and the part behind it.
        Assert.Equal(isFaulted ? 1 + EncodeQueue.MaxRows : EncodeQueue.MaxRows, taken);
    }

    [Fact]
    public async Task EncodeAsync_OneCallFaults_OthersOfTheProductAreAnswered()
    {
        using EncoderModel model = await LoadAsync();
        var queue = new EncodeQueue(model, products: 1);
        using var release = new ManualResetEventSlim();
        Task atWork = queue.EncodeAsync(Rows(0, 1), 1, (_, _) => release.Wait(Cancellation), Cancellation);
        int taken = 0;
        Task[] calls = [.. Enumerable.Range(0, 6).Select(call => queue.EncodeAsync(Rows(call, 2), 2, (row, _) => taken += call == 3 ? throw new InvalidDataException($"row {row}") : 1, Cancellation))];
        release.Set();
        await atWork;
        Assert.Equal("row 0", (await Assert.ThrowsAsync<InvalidDataException>(() => calls[3])).Message);
        await Task.WhenAll(calls.Where(call => call != calls[3]));
        Assert.Equal(10, taken);
    }

    [Fact]
    public async Task EncodeAsync_ProductFails_EveryCallIsToldAndTheQueueGoesOn()
    {
        EncoderModel model = await LoadAsync();
        var queue = new EncodeQueue(model, products: 2);
        model.Dispose();
        for (int time = 0; time < 3; time++)
        {
            foreach (Task call in Enumerable.Range(0, 4).Select(_ => queue.EncodeAsync(Rows(0, 40), 40, (_, _) => { }, Cancellation)).ToArray())
                await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        }
    }

    [Fact]
    public async Task Encode_RequestsAtOnceWithTheirOwnOptions_EachItsOwnAnswer()
    {
        await using TestApi api = await TestApi.StartAsync(o => o.Threads = 2);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async request =>
        {
            int row = request % 5, k = 1 + (request % 4);
            JsonElement answer = await api.EncodeAsync($"{{\"k\":{k},\"embedding\":{JsonSerializer.Serialize(Golden.Rows[row])}}}");
            (int[] indices, float[] values, _) = Golden.Code("a", row, k);
            JsonElement code = answer.GetProperty("codes")[0];
            Assert.Equal(indices, code.GetProperty("indices").EnumerateArray().Select(e => e.GetInt32()));
            float[] found = [.. code.GetProperty("values").EnumerateArray().Select(e => e.GetSingle())];
            for (int i = 0; i < values.Length; i++)
                Assert.Equal(values[i], found[i], Tolerance);
        }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WarmUp_ServedAndBrokenModels_LoadsWhatItCanAndLeasesNothing(bool storageIsSlow)
    {
        await using TestApi api = await TestApi.StartAsync();
        await api.Host.Routes.WarmUpAsync(Cancellation);
        Assert.Single(api.Host.Routes.Catalog.Open);
        api.Host.Routes.Catalog.Close(TestModels.Dataset, TestModels.A);
        Assert.Empty(api.Host.Routes.Catalog.Open);
        // It is listed before the other, which is loaded all the same.
        await TestModels.PublishAsync(api.Results, dataset: "zebra");
        string encoder = Storage.Layout.Version(TestModels.Dataset, TestModels.A) + Storage.Layout.EncoderFile;
        if (storageIsSlow)
            api.Results.BeforeRead = name => name == encoder ? Task.FromException(new TaskCanceledException("It took too long.")) : Task.CompletedTask;
        else
            await api.Results.DeleteAsync(encoder, null, Cancellation);
        api.Host.Routes.Catalog.Forget(TestModels.Dataset);
        await api.Host.Routes.WarmUpAsync(Cancellation);
        Assert.Equal("zebra", Assert.Single(api.Host.Routes.Catalog.Open).Dataset);
        api.Host.Routes.Catalog.Close("zebra", TestModels.A);
        Assert.Empty(api.Host.Routes.Catalog.Open);
    }

    private static async Task<EncoderModel> LoadAsync()
    {
        var store = new MemoryStore();
        string version = await TestModels.PublishAsync(store);
        return await EncoderModelLoader.LoadAsync(store, TestModels.Dataset, version, 1, Cancellation);
    }

    /// <summary>Golden rows from one on, around and around.</summary>
    private static float[] Rows(int first, int count) => [.. Enumerable.Range(0, count).SelectMany(row => Golden.Rows[(first + row) % 5])];
}

using Azure;
using Azure.Core;
using Azure.Identity;
using HierEmbed.Azurite;
using HierEmbed.Storage.Blobs;

namespace HierEmbed.Storage.Tests.Blobs;

public sealed class BlobFaultTests(AzuriteServer azurite)
{
    private const int LargeBytes = 9 << 20;
    private readonly string container = TestContainers.NewName();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BlobStore Direct => new(TestContainers.Client(azurite, container));

    private BlobStore With(FaultTransport faults, TimeSpan? timeout = null) => new(TestContainers.Client(azurite, container, faults, timeout));

    private BlobStore With(Func<Request, int, Fault?> faults, TimeSpan? timeout = null) => With(new FaultTransport(faults), timeout);

    public static TheoryData<string> Calls => ["find", "read", "write", "large write", "list", "delete"];

    private static Task CallAsync(BlobStore store, string call) => call switch
    {
        "find" => store.FindAsync("a", Cancel),
        "read" => store.ReadBytesAsync("a", Cancel),
        "write" => store.WriteBytesAsync("a", "new"u8.ToArray(), WriteCondition.Always, Cancel),
        "large write" => store.WriteBytesAsync("a", new byte[LargeBytes], WriteCondition.Always, Cancel),
        "list" => store.ListAsync("", Cancel).ToListAsync(Cancel).AsTask(),
        _ => store.DeleteAsync("a", null, Cancel),
    };

    private async Task PutOldAsync() => await Direct.WriteBytesAsync("a", "old"u8.ToArray(), WriteCondition.Always, Cancel);

    private async Task RequireOldAsync()
    {
        Assert.Equal("old"u8.ToArray(), await Direct.ReadBytesAsync("a", Cancel));
        Assert.Equal(["a"], (await Direct.ListAsync("", Cancel).ToListAsync(Cancel)).Select(info => info.Name));
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task AnyCall_Forbidden_IsThrownAtOnceAndChangesNothing(string call)
    {
        await PutOldAsync();
        var faults = new FaultTransport((_, _) => new Fault(403, "AuthorizationPermissionMismatch"));
        var e = await Assert.ThrowsAsync<RequestFailedException>(() => CallAsync(With(faults), call));
        Assert.Equal(403, e.Status);
        Assert.True(BlobFaults.IsTransient(e));
        Assert.Equal(1, faults.Sent);
        await RequireOldAsync();
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task AnyCall_ServiceFailsForGood_IsThrownAfterRetriesAndChangesNothing(string call)
    {
        await PutOldAsync();
        var faults = new FaultTransport((_, _) => new Fault(500, "InternalError"));
        var e = await Assert.ThrowsAsync<RequestFailedException>(() => CallAsync(With(faults), call));
        Assert.Equal(500, e.Status);
        Assert.True(BlobFaults.IsTransient(e));
        Assert.Equal(3, faults.Sent);
        await RequireOldAsync();
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task AnyCall_NoAnswerComes_TimesOutAndChangesNothing(string call)
    {
        await PutOldAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => CallAsync(With((_, _) => new Fault(Hangs: true), TimeSpan.FromMilliseconds(200)), call));
        await RequireOldAsync();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task AllCalls_EachRequestFailsOnce_Succeed(int status)
    {
        int faulty = 0;
        BlobStore store = With((_, attempt) =>
        {
            if (attempt > 1)
                return null;
            faulty++;
            return new Fault(status, "ServerBusy");
        });
        byte[] content = new byte[LargeBytes];
        new Random(1).NextBytes(content);
        string etag = (await store.WriteBytesAsync("a", content, WriteCondition.IfAbsent, Cancel))!;
        byte[] read = await store.ReadBytesAsync("a", Cancel);
        Assert.True(content.AsSpan().SequenceEqual(read));
        ArtifactInfo listed = Assert.Single(await store.ListAsync("", Cancel).ToListAsync(Cancel));
        Assert.Equal(etag, listed.ETag);
        Assert.Equal(listed, await store.FindAsync("a", Cancel));
        Assert.True(await store.DeleteAsync("a", etag, Cancel));
        Assert.Null(await store.FindAsync("a", Cancel));
        Assert.True(faulty > 8);
    }

    [Fact]
    public async Task WriteAndRead_EachRequestHangsOnce_Succeed()
    {
        // Small, and time enough to answer on a busy machine.
        BlobStore store = With((_, attempt) => attempt == 1 ? new Fault(Hangs: true) : null, TimeSpan.FromSeconds(3));
        await PutOldAsync();
        Assert.NotNull(await store.WriteBytesAsync("a", "new"u8.ToArray(), WriteCondition.Always, Cancel));
        Assert.Equal("new"u8.ToArray(), await store.ReadBytesAsync("a", Cancel));
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(LargeBytes, false)]
    [InlineData(10, true)]
    [InlineData(LargeBytes, true)]
    public async Task Write_AnswerIsLost_IsTakenForItsOwn(int bytes, bool swap)
    {
        string? before = swap ? await Direct.WriteBytesAsync("a", "old"u8.ToArray(), WriteCondition.Always, Cancel) : null;
        BlobStore store = With((request, attempt) => request.Method == RequestMethod.Put && attempt == 1 ? new Fault(500, "InternalError", Done: true) : null);
        string? etag = await store.WriteBytesAsync("a", new byte[bytes], WriteCondition.IfUnchanged(before), Cancel);
        Assert.NotNull(etag);
        Assert.Equal((etag, (long)bytes), ((await Direct.FindAsync("a", Cancel))!.ETag, (await Direct.FindAsync("a", Cancel))!.Bytes));
    }

    [Fact]
    public async Task Delete_AnswerIsLost_IsDone()
    {
        await PutOldAsync();
        string etag = (await Direct.FindAsync("a", Cancel))!.ETag;
        Assert.True(await With((_, attempt) => attempt == 1 ? new Fault(500, "InternalError", Done: true) : null).DeleteAsync("a", etag, Cancel));
        Assert.Null(await Direct.FindAsync("a", Cancel));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(LargeBytes)]
    public async Task Write_ServiceSaysThatTheConditionFails_IsNullAndChangesNothing(int bytes)
    {
        await PutOldAsync();
        foreach (Fault fault in (Fault[])[new Fault(409, "BlobAlreadyExists"), new Fault(412, "ConditionNotMet")])
        {
            BlobStore store = With((request, _) => IsCommit(request) ? fault : null);
            Assert.Null(await store.WriteBytesAsync("a", new byte[bytes], fault.Status == 409 ? WriteCondition.IfAbsent : WriteCondition.IfUnchanged("0x1"), Cancel));
        }
        await RequireOldAsync();
    }

    [Theory]
    [InlineData(409, "ContainerBeingDeleted")]
    [InlineData(412, "LeaseIdMissing")]
    public async Task AnyCall_ConflictThatIsNoConditions_IsThrown(int status, string code)
    {
        await PutOldAsync();
        BlobStore store = With((_, _) => new Fault(status, code));
        foreach (Task call in (Task[])[store.WriteBytesAsync("a", new byte[1], WriteCondition.IfAbsent, Cancel), store.DeleteAsync("a", "0x1", Cancel), store.ListAsync("", Cancel).ToListAsync(Cancel).AsTask()])
            Assert.True(BlobFaults.IsTransient(await Assert.ThrowsAsync<RequestFailedException>(() => call)));
        await RequireOldAsync();
    }

    [Fact]
    public async Task Write_FailsAtALaterBlock_LeavesWhatWasThere()
    {
        await PutOldAsync();
        int blocks = 0;
        BlobStore store = With((request, attempt) => IsBlock(request) && (attempt > 1 || ++blocks == 3) ? new Fault(500, "InternalError") : null);
        await Assert.ThrowsAsync<RequestFailedException>(() => store.WriteBytesAsync("a", new byte[LargeBytes], WriteCondition.Always, Cancel));
        Assert.Equal(3, blocks);
        await RequireOldAsync();
    }

    [Fact]
    public async Task AnyCall_CancelledByTheCaller_IsCancelledRatherThanTimedOut()
    {
        await PutOldAsync();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        BlobStore store = With((_, _) =>
        {
            source.Cancel();
            return new Fault(Hangs: true);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.WriteBytesAsync("a", new byte[1], WriteCondition.Always, source.Token));
        await RequireOldAsync();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(400, false)]
    [InlineData(401, true)]
    [InlineData(403, true)]
    [InlineData(404, true)]
    [InlineData(409, true)]
    [InlineData(412, true)]
    [InlineData(413, false)]
    [InlineData(416, false)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    public void IsTransient_Status_SaysWhetherTimeCuresIt(int status, bool transient) => Assert.Equal(transient, BlobFaults.IsTransient(new RequestFailedException(status, "refused")));

    [Fact]
    public void IsTransient_CredentialsAndOthers_TakesCredentialsAlone()
    {
        Assert.True(BlobFaults.IsTransient(new CredentialUnavailableException("no identity yet")));
        Assert.False(BlobFaults.IsTransient(new InvalidOperationException()));
    }

    [Fact]
    public async Task Describe_Answer_IsOneLineWithItsStatusAndCode()
    {
        BlobStore store = With((_, _) => new Fault(403, "AuthorizationPermissionMismatch"));
        string said = BlobFaults.Describe(await Assert.ThrowsAsync<RequestFailedException>(() => store.FindAsync("a", Cancel)))!;
        Assert.StartsWith("the blob service answered 403 AuthorizationPermissionMismatch: ", said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
        Assert.Equal("the blob service cannot be reached: refused", BlobFaults.Describe(new RequestFailedException("refused")));
        Assert.Null(BlobFaults.Describe(new IOException()));
    }

    private static bool IsBlock(Request request) => request.Uri.Query.Contains("comp=block&", StringComparison.Ordinal);

    private static bool IsCommit(Request request) => request.Method == RequestMethod.Put && !IsBlock(request);
}

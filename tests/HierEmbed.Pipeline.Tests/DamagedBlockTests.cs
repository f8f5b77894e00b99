using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class DamagedBlockTests : IDisposable
{
    private const int HeaderBytes = 128;
    private const int BlockRows = 120;
    private readonly Bench bench = new();

    public static TheoryData<string, bool> Damages
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (string how in (string[])["every row a little", "the last bit", "another shape", "cut off", "no header", "not a number"])
            {
                data.Add(how, false);
                data.Add(how, true);
            }
            return data;
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Train_BlockIsDamagedInStorage_FailsAndNamesIt(string how, bool half)
    {
        bench.Options.PackHalf = half;
        string runId = await PackedAsync();
        string name = Layout.Block(runId, 0, 0);
        byte[] block = await bench.Pipeline.Storage.Results.ReadBytesAsync(name, Cancellation);
        await bench.Pipeline.Storage.Results.WriteBytesAsync(name, Damaged(block, how, half), WriteCondition.Always, Cancellation);
        IReadOnlyCollection<string> written = bench.WrittenResults();

        RunRecord run = await bench.RunAsync(runId);

        Assert.Equal((RunState.Failed, ProblemTypes.CorruptArtifact.Code), (run.State, run.Problem!.Code));
        Assert.Contains(name, run.Problem.Detail, StringComparison.Ordinal);
        Assert.InRange(run.Problem.Detail.Length, 50, 300);
        Assert.DoesNotContain(written, stored => stored.StartsWith(Layout.Checkpoints(runId), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Encode_BlockIsDamagedAfterTraining_FailsAndStoresNoCodes(bool half)
    {
        bench.Options.PackHalf = half;
        string runId = await PackedAsync();
        string name = Layout.Block(runId, 0, 0);
        bool damaged = false;
        bench.Results.Before = async call =>
        {
            if (damaged || !call.Changes || !call.Name.EndsWith("/" + Layout.ManifestFile, StringComparison.Ordinal))
                return;
            damaged = true;
            byte[] block = await bench.Pipeline.Storage.Results.ReadBytesAsync(name, Cancellation);
            await bench.Pipeline.Storage.Results.WriteBytesAsync(name, Damaged(block, "the last bit", half), WriteCondition.Always, Cancellation);
        };

        RunRecord run = await bench.RunAsync(runId);

        Assert.True(damaged);
        Assert.Equal((RunState.Failed, ProblemTypes.CorruptArtifact.Code), (run.State, run.Problem!.Code));
        Assert.Contains(name, run.Problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(await bench.NamesAsync(Layout.Model("words")), stored => stored.Contains("/codes/", StringComparison.Ordinal));
    }

    private async Task<string> PackedAsync()
    {
        await bench.UploadDatasetAsync("words", BlockRows);
        string runId = (await bench.PlanAsync("words"))!;
        await bench.CallAsync<PackFileInput, StepResult<PackProgress>>(StepNames.PackFile, new(runId, 0));
        return runId;
    }

    private static byte[] Damaged(byte[] block, string how, bool half)
    {
        int valueBytes = half ? 2 : 4;
        switch (how)
        {
            case "every row a little": // their uses change with them
                for (int row = 0; row < BlockRows; row++)
                    block[HeaderBytes + (row * SmallRows.Dims * valueBytes)] ^= 1;
                return block;
            case "the last bit":
                block[^valueBytes] ^= 1;
                return block;
            case "another shape":
                using (var header = new MemoryStream(block))
                {
                    if (half)
                        NpyWriter.WriteHeader<Half>(header, BlockRows * 2, SmallRows.Dims / 2);
                    else
                        NpyWriter.WriteHeader<float>(header, BlockRows * 2, SmallRows.Dims / 2);
                }
                return block;
            case "cut off":
                return block[..^10];
            case "no header":
                Array.Clear(block, 0, HeaderBytes);
                return block;
            case "not a number":
                block.AsSpan(HeaderBytes, valueBytes).Fill(0xFF);
                return block;
            default:
                throw new ArgumentOutOfRangeException(nameof(how), how, null);
        }
    }

    public void Dispose() => bench.Dispose();
}

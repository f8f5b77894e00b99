using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of <see cref="EncodeBlockStep"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Version">The version to code with.</param>
/// <param name="Block">Index of the block in the run's plan.</param>
public sealed record EncodeBlockInput(string RunId, string Version, int Block) : IRunInput;

/// <summary>What was coded.</summary>
/// <param name="Rows">Rows of the block.</param>
public sealed record EncodedBlock(int Rows);

/// <summary>Codes one row block with a sealed version, and stores its vectors and labels beside the codes.</summary>
public sealed class EncodeBlockStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs, StoredCodes stored) : RunStep<EncodeBlockInput, EncodedBlock>(StepNames.EncodeBlock, "encode", runs)
{
    /// <inheritdoc />
    protected override async Task<StepResult<EncodedBlock>> ExecuteAsync(EncodeBlockInput input, RunRecord run, CancellationToken cancellationToken)
    {
        RunPlan plan = await inputs.PlanAsync(input.RunId, cancellationToken);
        PackedBlock block = plan.Blocks[input.Block];
        await stored.StoreAsync(new BlockStore(storage.Results, input.RunId), plan, block, run.Dataset, input.Version, cancellationToken);
        return StepResult.Of(new EncodedBlock(block.Rows));
    }
}

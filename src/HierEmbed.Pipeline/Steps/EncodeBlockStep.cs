using HierEmbed.Core.Codes;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Serving.Encoders;
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

/// <summary>Codes one row block with a sealed version. The codes are named by the block's content, so equal rows are coded once.</summary>
public sealed class EncodeBlockStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs, HierEmbedOptions options) : RunStep<EncodeBlockInput, EncodedBlock>(StepNames.EncodeBlock, "encode", runs)
{

    /// <inheritdoc />
    protected override async Task<StepResult<EncodedBlock>> ExecuteAsync(EncodeBlockInput input, RunRecord run, CancellationToken cancellationToken)
    {
        RunPlan plan = await inputs.PlanAsync(input.RunId, cancellationToken);
        PackedBlock block = plan.Blocks[input.Block];
        string name = Layout.Version(run.Dataset, input.Version) + Layout.CodesFolder + CodesFile(block);
        if (await storage.Results.FindAsync(name, cancellationToken) is not null)
            return StepResult.Of(new EncodedBlock(block.Rows));

        using EncoderModel model = await EncoderModelLoader.LoadAsync(storage.Results, run.Dataset, input.Version, options.Threads, cancellationToken);
        if (model.InputDims != plan.Recipe.InputDims)
            throw new DatasetException(ProblemTypes.WrongDimensions,
                $"Dataset \"{run.Dataset}\" has {plan.Recipe.InputDims} dimensions, model version {input.Version} has {model.InputDims}. Set retrain to always, or upload embeddings of the model that it was trained on.");
        int k = Math.Min(options.CodesK, model.LatentDims);
        using var codes = new CsrNpzWriter(model.LatentDims);
        await new BlockStore(storage.Results, input.RunId).ReadAsync(block, plan.Recipe.InputDims, batch =>
        {
            foreach (SparseCode code in model.EncodeToCodes(batch.Values, batch.Count, k))
                codes.Add(CodeTruncation.ToUnitNorm(code));
        }, cancellationToken);
        await storage.Results.WriteAsync(name, (stream, _) =>
        {
            codes.WriteTo(stream);
            return Task.CompletedTask;
        }, WriteCondition.IfAbsent, cancellationToken);
        return StepResult.Of(new EncodedBlock(block.Rows));
    }

    /// <summary>Name of a block's codes in a version's codes folder.</summary>
    internal static string CodesFile(PackedBlock block) => $"{block.Sha256[..16]}.npz";
}

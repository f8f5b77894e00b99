using System.Diagnostics;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Storage.Runs;
using HierEmbed.Training.Checkpoints;
using HierEmbed.Training.Data;
using HierEmbed.Training.Evaluation;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using HierEmbed.Training.Randomness;
using static TorchSharp.torch;

namespace HierEmbed.Training;

/// <summary>Trains one network, in chunks where that is wanted: any step boundary can be saved and resumed from, to the same bits.</summary>
/// <remarks>
/// A step is: gather a batch, compute its loss and gradients, update (<see cref="ITrainingStep"/>). An epoch ends with validation,
/// the choice of the best weights, and new starts for dead latents. Every random choice follows from the seed and the step or epoch,
/// so equal seeds give equal bits on one CPU type, whatever the number of threads. Not thread-safe.
/// </remarks>
public sealed class Trainer : IDisposable
{
    /// <summary>Torch's scalars hold native memory that only the finalizer frees: without a collection now and then a process grows.</summary>
    private const int StepsPerCollection = 100;

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);

    private readonly ResolvedRecipe recipe;
    private readonly long seed;
    private readonly ScaledRows train;
    private readonly ShuffledRows batches;
    private readonly ITrainingStep step;
    private readonly NetworkParameters best;
    private readonly Validation validation;
    private readonly DeadLatents deadLatents;
    private readonly StepSchedule schedule;
    private readonly Checkpoint checkpoint;
    private readonly long[] latentUses;
    private readonly Tensor batch;
    private readonly List<EpochMetrics> history = [];
    private TrainingState state = new();

    private Trainer(ResolvedRecipe recipe, long seed, TrainingRows rows, int threads, bool isResumed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Train.Dims, recipe.InputDims, nameof(rows));
        this.recipe = recipe;
        this.seed = seed;
        train = rows.Train;
        RunningMoments moments = rows.TrainMoments;
        if (!(moments.TotalVariance > 0))
            throw new DatasetException(ProblemTypes.UntrainableData, $"All {train.Rows} training rows are equal: there is nothing to learn.");
        NetworkParameters start = isResumed ? NetworkParameters.Zeros(recipe) : NetworkInitialization.Create(recipe, seed, train, moments);
        step = TrainingSteps.For(recipe, moments.TotalVariance, start, threads);
        best = step.Parameters.Clone();
        validation = new Validation(recipe, step, rows.Validation, rows.ValidationMoments);
        batches = new ShuffledRows(train, seed, rows.MemoryBytes);
        deadLatents = new DeadLatents(recipe, train);
        schedule = new StepSchedule(recipe, seed, train.Rows);
        checkpoint = new Checkpoint(recipe, seed, rows);
        latentUses = new long[recipe.LatentDims];
        batch = empty(Math.Min(recipe.Recipe.BatchRows, train.Rows), train.Dims).DetachFromDisposeScope();
    }

    /// <summary>Version of TorchSharp, for a model's manifest.</summary>
    public static string TorchSharpVersion { get; } = typeof(Tensor).Assembly.GetName().Version!.ToString(3);

    /// <summary>What a step does.</summary>
    internal ITrainingStep Step => step;

    /// <summary>Figures of the completed epochs.</summary>
    public IReadOnlyList<EpochMetrics> History => history;

    /// <summary>The epoch, from 1, that <see cref="BestNetwork"/> comes from; 0: none is complete.</summary>
    public int BestEpoch => state.BestEpoch;

    /// <summary>Begins a training.</summary>
    /// <param name="recipe">What to train.</param>
    /// <param name="seed">Seed of every random choice.</param>
    /// <param name="rows">Prepared for this recipe.</param>
    /// <param name="threads">Threads of a step. 0: as many as there are cores, 4 at most.</param>
    /// <exception cref="DatasetException">All training rows are equal.</exception>
    public static Trainer Start(ResolvedRecipe recipe, long seed, TrainingRows rows, int threads) => new(recipe, seed, rows, threads, isResumed: false);

    /// <summary>Takes a training up again where <see cref="Save"/> left it.</summary>
    /// <param name="checkpoint">What Save wrote.</param>
    /// <param name="recipe">As in Start.</param>
    /// <param name="seed">As in Start.</param>
    /// <param name="rows">As in Start.</param>
    /// <param name="threads">As in Start; another number gives the same bits.</param>
    /// <exception cref="ModelException">The checkpoint is damaged, or of another recipe, seed or data.</exception>
    public static Trainer Resume(Stream checkpoint, ResolvedRecipe recipe, long seed, TrainingRows rows, int threads)
    {
        Trainer trainer = new(recipe, seed, rows, threads, isResumed: true);
        try
        {
            trainer.state = trainer.checkpoint.Read(checkpoint, trainer.step, trainer.best, trainer.latentUses);
            trainer.history.AddRange(trainer.state.History);
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }

    /// <summary>Trains until the budget is spent or training is over; at least one step.</summary>
    /// <param name="budget">Wall-clock time, checked after each step.</param>
    /// <param name="chunk">The chunk's number, passed through to the progress.</param>
    /// <param name="onProgress">Called at the start, after each epoch, and within an epoch that takes long every five seconds.</param>
    /// <param name="ct">Checked before each step; the state stays that of the last whole step.</param>
    /// <exception cref="HierEmbedException">The loss left the range of float32.</exception>
    public TrainingProgress Run(TimeSpan budget, int chunk, Action<TrainingProgress>? onProgress, CancellationToken ct)
    {
        long started = Stopwatch.GetTimestamp();
        long reported = started;
        onProgress?.Invoke(Progress(chunk));
        while (!state.Finished)
        {
            ct.ThrowIfCancellationRequested();
            long stepStarted = Stopwatch.GetTimestamp();
            RunStep();
            ValidationFigures? figures = state.Step % schedule.StepsPerEpoch == 0 ? validation.Measure() : null;
            state = state with { EpochSeconds = state.EpochSeconds + Stopwatch.GetElapsedTime(stepStarted).TotalSeconds };
            if (figures is not null)
                EndEpoch(figures);
            if (figures is not null || Stopwatch.GetElapsedTime(reported) >= ReportInterval)
            {
                reported = Stopwatch.GetTimestamp();
                onProgress?.Invoke(Progress(chunk));
            }
            if (Stopwatch.GetElapsedTime(started) >= budget)
                break;
        }
        return Progress(chunk);
    }

    /// <summary>Writes the training at the current step boundary, for <see cref="Resume"/>: a safetensors file.</summary>
    public void Save(Stream stream) => checkpoint.Write(stream, state with { History = history }, step, best, latentUses);

    /// <summary>The weights of <see cref="BestEpoch"/>; of the initialization where no epoch is complete.</summary>
    public TrainedNetwork BestNetwork()
    {
        float[][] arrays = [.. best.All.Select(t => NetworkParameters.Values(t).ToArray())];
        return new TrainedNetwork(recipe, arrays[0], arrays[1], arrays[2], arrays[3]);
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        batches.Dispose();
        step.Dispose();
        best.Dispose();
        batch.Dispose();
    }

    private void RunStep()
    {
        int epoch = (int)(state.Step / schedule.StepsPerEpoch);
        int first = (int)(state.Step % schedule.StepsPerEpoch) * recipe.Recipe.BatchRows;
        int count = Math.Min(recipe.Recipe.BatchRows, train.Rows - first);

        using var scope = NewDisposeScope();
        Tensor rows = batch.narrow(0, 0, count);
        batches.CopyTo(epoch, first, rows);
        double loss = step.Step(rows, schedule.At(state.Step + 1), latentUses);
        RequireFinite("training", loss, state.Step + 1);
        state = state with { Step = state.Step + 1, EpochLossSum = state.EpochLossSum + (loss * count), EpochRows = state.EpochRows + count };
        if (state.Step % StepsPerCollection == 0)
            GC.Collect(0);
    }

    private void EndEpoch(ValidationFigures figures)
    {
        RequireFinite("validation", figures.Loss, state.Step);
        int epoch = history.Count + 1;
        history.Add(new EpochMetrics(epoch, state.EpochLossSum / state.EpochRows, figures.Loss, figures.Fvu, figures.L0, figures.DeadFraction,
            state.EpochRows / Math.Max(state.EpochSeconds, 1e-9)));

        // The loss decides, not the FVU at one k: it holds every k and every prefix that the model promises. For one k both agree.
        // Without patience there is no choice by validation: the last weights count, as in the notebook.
        int patience = recipe.Recipe.Patience;
        int bestEpoch = state.BestEpoch;
        if (bestEpoch == 0 || patience == 0 || figures.Loss < history[bestEpoch - 1].ValidationLoss)
        {
            bestEpoch = epoch;
            best.CopyFrom(step.Parameters);
        }
        if (recipe.Recipe.ResampleDead && recipe.Recipe.Architecture == Architecture.TopK && !schedule.IsDecaying(state.Step + 1))
            deadLatents.Resample(step, latentUses, new SeededRandom(seed, RandomPurpose.Resampling, epoch));
        Array.Clear(latentUses);
        state = state with
        {
            EpochLossSum = 0,
            EpochRows = 0,
            EpochSeconds = 0,
            BestEpoch = bestEpoch,
            Finished = epoch == recipe.Epochs || (patience > 0 && epoch - bestEpoch >= patience),
        };
    }

    private void RequireFinite(string which, double loss, long atStep)
    {
        if (!double.IsFinite(loss))
            throw new HierEmbedException(ProblemTypes.TrainingDiverged,
                $"The {which} loss is {loss} at step {atStep} of {schedule.TotalSteps}. "
                + $"Lower learningRate (it is {recipe.Recipe.LearningRate}), or look for extreme values in the data.");
    }

    private TrainingProgress Progress(int chunk) => new(chunk, state.Step, schedule.TotalSteps, history.Count, recipe.Epochs,
        history.Count > 0 ? history[^1] : null, state.Finished);
}

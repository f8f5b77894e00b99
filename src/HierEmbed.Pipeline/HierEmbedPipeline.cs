using HierEmbed.Core.Options;
using HierEmbed.Pipeline.Evaluation;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline;

/// <summary>The steps of both workflows over one storage: what an engine is given.</summary>
public sealed class HierEmbedPipeline
{
    private readonly Dictionary<string, IPipelineStep> steps;

    /// <summary>Puts the steps together.</summary>
    /// <param name="storage">The two containers.</param>
    /// <param name="options">Validated settings.</param>
    /// <param name="clock">Stamps records.</param>
    public HierEmbedPipeline(HierEmbedStorage storage, HierEmbedOptions options, TimeProvider clock)
    {
        Storage = storage;
        Options = options;
        Markers = new DirtyMarkers(storage.Results);
        Runs = new RunStore(storage.Results, clock);
        Models = new ModelStore(storage.Results, clock);
        Datasets = new DatasetCatalog(storage.Uploads);
        var retention = new Retention(storage, Runs, Models, options, clock);
        var room = new TrainingRoom(options);
        var inputs = new RunInputs(storage.Results, room);
        var storedCodes = new StoredCodes(storage.Results, options);
        var keptRows = new KeptRows(inputs, options);
        var keptEvaluation = new KeptEvaluation(new EvaluationInputs(storage.Results, inputs, room, options));
        IPipelineStep[] all =
        [
            new LookAtMarkerStep(Markers, options),
            new PlanRunStep(storage, Datasets, Runs, retention),
            new ClearMarkerStep(Markers),
            new BeginRunStep(Runs, Models, new RoomForecast(storage.Uploads, room, options), options),
            new PackFileStep(storage, Runs, Models, room, options),
            new FitScalerStep(storage, Runs, Models, room, options),
            new TrainChunkStep(storage, Runs, inputs, keptRows, options),
            new ExportModelStep(storage, Runs, inputs, options),
            new EvaluateBudgetStep(storage, Runs, inputs, keptRows, keptEvaluation),
            new EvaluateModelStep(storage, Runs, inputs, keptEvaluation),
            new SealModelStep(storage, Runs, inputs, Models, clock),
            new EncodeBlockStep(storage, Runs, inputs, storedCodes),
            new PublishModelStep(storage, Runs, inputs, Models, storedCodes),
            new EndRunStep(storage, Runs, retention, runId =>
            {
                keptRows.Forget(runId);
                keptEvaluation.Forget(runId);
            }),
        ];
        steps = all.ToDictionary(step => step.Name);
    }

    /// <summary>The two containers.</summary>
    public HierEmbedStorage Storage { get; }

    /// <summary>Validated settings.</summary>
    public HierEmbedOptions Options { get; }

    /// <summary>Markers of changed datasets.</summary>
    public DirtyMarkers Markers { get; }

    /// <summary>Records of runs.</summary>
    public RunStore Runs { get; }

    /// <summary>Published models.</summary>
    public ModelStore Models { get; }

    /// <summary>Datasets in the uploads container.</summary>
    public DatasetCatalog Datasets { get; }

    /// <summary>Names of all steps.</summary>
    public IReadOnlyCollection<string> StepNames => steps.Keys;

    /// <summary>A step by name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public IPipelineStep Step(string name) => steps.TryGetValue(name, out IPipelineStep? step) ? step : throw new ArgumentException($"There is no step \"{name}\".", nameof(name));
}

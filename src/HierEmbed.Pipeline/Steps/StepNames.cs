namespace HierEmbed.Pipeline.Steps;

/// <summary>Names that workflows call their steps by; activity functions carry the same.</summary>
public static class StepNames
{
    /// <summary>Looks at a dataset's marker.</summary>
    public const string LookAtMarker = nameof(LookAtMarker);

    /// <summary>Lists a dataset once and makes its run.</summary>
    public const string PlanRun = nameof(PlanRun);

    /// <summary>Clears a dataset's marker unless it moved.</summary>
    public const string ClearMarker = nameof(ClearMarker);

    /// <summary>Reads what the run was asked for.</summary>
    public const string BeginRun = nameof(BeginRun);

    /// <summary>Packs one file into row blocks.</summary>
    public const string PackFile = nameof(PackFile);

    /// <summary>Fits the scaler and fixes the plan.</summary>
    public const string FitScaler = nameof(FitScaler);

    /// <summary>Trains for one time budget.</summary>
    public const string TrainChunk = nameof(TrainChunk);

    /// <summary>Exports the encoder and the dictionary.</summary>
    public const string ExportModel = nameof(ExportModel);

    /// <summary>Measures the codes and the baselines at one budget of bytes.</summary>
    public const string EvaluateBudget = nameof(EvaluateBudget);

    /// <summary>Measures the rest on rows that training never saw, and puts the metrics together.</summary>
    public const string EvaluateModel = nameof(EvaluateModel);

    /// <summary>Writes the manifest, which makes a version whole.</summary>
    public const string SealModel = nameof(SealModel);

    /// <summary>Codes one row block.</summary>
    public const string EncodeBlock = nameof(EncodeBlock);

    /// <summary>Moves the pointer to a version.</summary>
    public const string PublishModel = nameof(PublishModel);

    /// <summary>Writes the run's outcome and clears up behind it.</summary>
    public const string EndRun = nameof(EndRun);
}

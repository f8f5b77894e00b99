namespace HierEmbed.Core.Errors;

/// <summary>Every kind of failure that the program reports, in one place. Codes are part of the interface: they never change meaning.</summary>
public static class ProblemTypes
{
    // Embedding files
    /// <summary>The content is none of the formats that are read.</summary>
    public static ProblemType UnknownFormat { get; } = new("unknown-format", "The file is in no format that is read", 415);
    /// <summary>The name promises one format, the content is another.</summary>
    public static ProblemType MisnamedFile { get; } = new("misnamed-file", "The file's name and content disagree", 422);
    /// <summary>The disk or the system does not give the file's bytes: no permission, gone meanwhile, a read error.</summary>
    public static ProblemType UnreadableFile { get; } = new("unreadable-file", "The file cannot be opened or read", 500);
    /// <summary>The file has no bytes or no rows.</summary>
    public static ProblemType EmptyFile { get; } = new("empty-file", "The file has no rows", 422);
    /// <summary>The file ends before the rows that it declares.</summary>
    public static ProblemType TruncatedFile { get; } = new("truncated-file", "The file ends too early", 422);
    /// <summary>A header, a line or a document is not well formed.</summary>
    public static ProblemType MalformedFile { get; } = new("malformed-file", "The file is not well formed", 422);
    /// <summary>The file is well formed but holds what cannot be read: objects, pickles, packed bits.</summary>
    public static ProblemType UnsupportedContent { get; } = new("unsupported-content", "The file holds content that is not supported", 422);
    /// <summary>More rows were rejected than the limit allows.</summary>
    public static ProblemType TooManyRejectedRows { get; } = new("too-many-rejected-rows", "Too many rows were rejected", 422);
    /// <summary>Embeddings of different lengths where one length is expected.</summary>
    public static ProblemType WrongDimensions { get; } = new("wrong-dimensions", "The embeddings have the wrong number of dimensions", 422);
    /// <summary>A value is NaN or infinite.</summary>
    public static ProblemType NotFinite { get; } = new("not-finite", "An embedding holds NaN or infinity", 422);
    /// <summary>A row of zeros has no direction, so it cannot be L2-normalized.</summary>
    public static ProblemType ZeroRow { get; } = new("zero-row", "An embedding is all zeros", 422);

    // Datasets and runs
    /// <summary>The dataset's name is not allowed.</summary>
    public static ProblemType InvalidDatasetName { get; } = new("invalid-dataset-name", "The dataset name is not allowed", 422);
    /// <summary>No such dataset.</summary>
    public static ProblemType DatasetNotFound { get; } = new("dataset-not-found", "There is no such dataset", 404);
    /// <summary>Two files claim one dataset.</summary>
    public static ProblemType AmbiguousDataset { get; } = new("ambiguous-dataset", "Two uploads claim the same dataset", 409);
    /// <summary>The data cannot be trained on: too few rows, constant, all rows equal.</summary>
    public static ProblemType UntrainableData { get; } = new("untrainable-data", "The data cannot be trained on", 422);
    /// <summary>No row is known to be one that training never saw, so nothing can be measured honestly.</summary>
    public static ProblemType NoUnseenRows { get; } = new("no-unseen-rows", "There are no rows that training never saw", 422);
    /// <summary>Rows to train on have room neither in memory nor on the scratch disk; or the scratch disk has none for codes to search.</summary>
    public static ProblemType TooLittleSpace { get; } = new("too-little-space", "There is too little space to work in", 507);
    /// <summary>training.json or --set is wrong.</summary>
    public static ProblemType InvalidRecipe { get; } = new("invalid-recipe", "The recipe is not valid", 422);
    /// <summary>No such run.</summary>
    public static ProblemType RunNotFound { get; } = new("run-not-found", "There is no such run", 404);
    /// <summary>The training left the range of float32.</summary>
    public static ProblemType TrainingDiverged { get; } = new("training-diverged", "The training diverged", 422);
    /// <summary>The exported encoder does not compute what the trained network computes.</summary>
    public static ProblemType ExportMismatch { get; } = new("export-mismatch", "The exported encoder differs from the trained network", 500);

    // Models and requests
    /// <summary>No such model or version.</summary>
    public static ProblemType ModelNotFound { get; } = new("model-not-found", "There is no such model", 404);
    /// <summary>No such row.</summary>
    public static ProblemType RowNotFound { get; } = new("row-not-found", "There is no such row", 404);
    /// <summary>The version's rows are not stored as codes that can be searched.</summary>
    public static ProblemType NoStoredCodes { get; } = new("no-stored-codes", "The version has no stored codes", 404);
    /// <summary>The codes are more than an index may hold in memory.</summary>
    public static ProblemType IndexTooLarge { get; } = new("index-too-large", "The search index would be too large", 503);
    /// <summary>A stored artifact is damaged or made for something else.</summary>
    public static ProblemType CorruptArtifact { get; } = new("corrupt-artifact", "A stored artifact cannot be used", 500);
    /// <summary>The request is not well formed.</summary>
    public static ProblemType InvalidRequest { get; } = new("invalid-request", "The request is not valid", 422);
    /// <summary>The body is not JSON.</summary>
    public static ProblemType MalformedBody { get; } = new("malformed-body", "The body is not well formed", 400);
    /// <summary>The body's media type is not read by this route.</summary>
    public static ProblemType UnsupportedMediaType { get; } = new("unsupported-media-type", "The media type is not supported", 415);
    /// <summary>The body has more bytes or rows than the limit.</summary>
    public static ProblemType TooLarge { get; } = new("too-large", "The request is larger than the limit", 413);
    /// <summary>No key or a wrong key.</summary>
    public static ProblemType Unauthorized { get; } = new("unauthorized", "A key is required", 401);
    /// <summary>A web page of another site uses a server that asks for no key.</summary>
    public static ProblemType ForeignOrigin { get; } = new("foreign-origin", "The request comes from another site", 403);
    /// <summary>Stored state changed in between.</summary>
    public static ProblemType Conflict { get; } = new("conflict", "Somebody else changed it first", 409);
    /// <summary>No such route.</summary>
    public static ProblemType NotFound { get; } = new("not-found", "There is nothing here", 404);
    /// <summary>The route exists for other methods.</summary>
    public static ProblemType MethodNotAllowed { get; } = new("method-not-allowed", "The route does not answer this method", 405);
    /// <summary>A stored artifact is not there.</summary>
    public static ProblemType ArtifactNotFound { get; } = new("artifact-not-found", "A stored artifact is missing", 404);
    /// <summary>A fault of the program itself.</summary>
    public static ProblemType Internal { get; } = new("internal", "Something went wrong here", 500);
}

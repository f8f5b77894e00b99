using System.Globalization;

namespace HierEmbed.Storage;

/// <summary>Names of everything in the results container: the one place that knows them.</summary>
public static class Layout
{
    /// <summary>Marker that a dataset's files changed.</summary>
    public static string Dirty(string dataset) => $"dirty/{dataset}";

    /// <summary>Prefix of all markers.</summary>
    public const string DirtyPrefix = "dirty/";

    /// <summary>Counter that orders the runs and rollbacks of a dataset.</summary>
    public static string Sequence(string dataset) => $"sequences/{dataset}.json";

    /// <summary>Prefix of all runs.</summary>
    public const string RunsPrefix = "runs/";

    /// <summary>Prefix of a run.</summary>
    public static string Run(string runId) => $"runs/{runId}/";

    /// <summary>A run's request and outcome.</summary>
    public static string RunRecord(string runId) => $"runs/{runId}/run.json";

    /// <summary>The files of a run with the state that they were listed in.</summary>
    public static string Listing(string runId) => $"runs/{runId}/listing.json";

    /// <summary>Marker that a run is to stop.</summary>
    public static string Cancel(string runId) => $"runs/{runId}/cancel";

    /// <summary>A packed row block, .npy; its sidecar, written after it, makes it count.</summary>
    public static string Block(string runId, int file, int block) => string.Create(CultureInfo.InvariantCulture, $"runs/{runId}/rows/{file:D6}-{block:D6}.npy");

    /// <summary>What a packed row block holds: rows, moments, rejections, where the file goes on.</summary>
    public static string BlockRecord(string runId, int file, int block) => string.Create(CultureInfo.InvariantCulture, $"runs/{runId}/rows/{file:D6}-{block:D6}.json");

    /// <summary>Hashes of a block's rows, 8 bytes each, little endian.</summary>
    public static string BlockHashes(string runId, int file, int block) => string.Create(CultureInfo.InvariantCulture, $"runs/{runId}/rows/{file:D6}-{block:D6}.hashes");

    /// <summary>Which row of its file each row of a block is, and what the file says of it: id, text, label.</summary>
    public static string BlockLabels(string runId, int file, int block) => string.Create(CultureInfo.InvariantCulture, $"runs/{runId}/rows/{file:D6}-{block:D6}.labels");

    /// <summary>The same with what a labels file beside the data adds, named by its content.</summary>
    public static string MergedLabels(string runId, int file, int block, string sha256) => string.Create(CultureInfo.InvariantCulture, $"runs/{runId}/rows/{file:D6}-{block:D6}-{sha256[..16]}.labels");

    /// <summary>Prefix of a run's row blocks.</summary>
    public static string Blocks(string runId) => $"runs/{runId}/rows/";

    /// <summary>What the fitting step fixed: resolved recipe, rows by use, blocks, version.</summary>
    public static string Plan(string runId) => $"runs/{runId}/plan.json";

    /// <summary>What the evaluation measured.</summary>
    public static string Metrics(string runId) => $"runs/{runId}/metrics.json";

    /// <summary>A part of a run's evaluation: the figures at one budget of bytes, at one k, or of one prefix.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="part">Bytes of the budget, <c>k-…</c> or <c>prefix-…</c>.</param>
    public static string EvaluationPart(string runId, string part) => $"runs/{runId}/evaluation/{part}.json";

    /// <summary>Prefix of the parts of a run's evaluation.</summary>
    public static string EvaluationParts(string runId) => $"runs/{runId}/evaluation/";

    /// <summary>The fitted scaler.</summary>
    public static string Scaler(string runId) => $"runs/{runId}/scaler.json";

    /// <summary>State of a training after its n-th chunk, .safetensors.</summary>
    public static string Checkpoint(string runId, int n) => string.Create(CultureInfo.InvariantCulture, $"runs/{runId}/checkpoints/{n:D6}.safetensors");

    /// <summary>The n of a checkpoint's name.</summary>
    public static int CheckpointNumber(string name) => int.Parse(Path.GetFileNameWithoutExtension(name), CultureInfo.InvariantCulture);

    /// <summary>Prefix of a run's checkpoints.</summary>
    public static string Checkpoints(string runId) => $"runs/{runId}/checkpoints/";

    /// <summary>Progress within the n-th chunk.</summary>
    public static string Progress(string runId, int n) => string.Create(CultureInfo.InvariantCulture, $"runs/{runId}/progress/{n:D6}.json");

    /// <summary>Prefix of a run's progress.</summary>
    public static string ProgressPrefix(string runId) => $"runs/{runId}/progress/";

    /// <summary>Prefix of all models.</summary>
    public const string ModelsPrefix = "models/";

    /// <summary>Prefix of one model's versions.</summary>
    public static string Model(string dataset) => $"models/{dataset}/";

    /// <summary>The pointer to the version that is served.</summary>
    public static string Latest(string dataset) => $"models/{dataset}/latest.json";

    /// <summary>Prefix of one version.</summary>
    public static string Version(string dataset, string version) => $"models/{dataset}/{version}/";

    /// <summary>A version's manifest, written last.</summary>
    public static string Manifest(string dataset, string version) => $"models/{dataset}/{version}/{ManifestFile}";

    /// <summary>Name of the manifest in a version's folder.</summary>
    public const string ManifestFile = "manifest.json";

    /// <summary>Name of the encoder graph in a version's folder.</summary>
    public const string EncoderFile = "encoder.onnx";

    /// <summary>Name of the dictionary in a version's folder: atoms <c>[latentDims, inputDims]</c> and mean <c>[inputDims]</c>.</summary>
    public const string DictionaryFile = "dictionary.npz";

    /// <summary>Name of the metrics in a version's folder.</summary>
    public const string MetricsFile = "metrics.json";

    /// <summary>Name of the report in a version's folder: one HTML page.</summary>
    public const string ReportFile = "report.html";

    /// <summary>Name of the packing formats in a version's folder: k and levels of codes at each length, fitted on training rows.</summary>
    public const string PackingFile = "packing.json";

    /// <summary>Folder of the stored codes in a version's folder.</summary>
    public const string CodesFolder = "codes/";

    /// <summary>Which stored codes, vectors and labels are those of a run's rows.</summary>
    public static string CodesIndex(string dataset, string version, string runId) => $"models/{dataset}/{version}/{CodesFolder}{runId}.json";

    /// <summary>The run whose index is the newest.</summary>
    public static string CodesLatest(string dataset, string version) => $"models/{dataset}/{version}/{CodesFolder}latest.json";

    /// <summary>Folder of ids, texts and labels of the rows in a version's folder.</summary>
    public const string LabelsFolder = "labels/";

    /// <summary>Folder of the full vectors that searches rerank by in a version's folder.</summary>
    public const string VectorsFolder = "vectors/";

    /// <summary>Why a run failed for good.</summary>
    public static string Failure(string dataset, string runId) => $"failures/{dataset}/{runId}.json";
}

namespace HierEmbed.Storage.Runs;

/// <summary>Where a run stands.</summary>
public enum RunState
{
    /// <summary>Asked for; no step has begun.</summary>
    Queued,

    /// <summary>At work, or waiting to be taken up again after a crash.</summary>
    Running,

    /// <summary>A new model version is served.</summary>
    Published,

    /// <summary>A model of the same content, recipe and seed is served already.</summary>
    Unchanged,

    /// <summary>Failed for good: see the problem.</summary>
    Failed,

    /// <summary>Stopped by a user.</summary>
    Cancelled,

    /// <summary>The files changed under it; a later run has taken its place.</summary>
    Superseded,
}

namespace HierEmbed.Pipeline.Rows;

/// <summary>Which use a row is put to.</summary>
public enum RowUse
{
    /// <summary>Trained on.</summary>
    Train,

    /// <summary>Early stopping.</summary>
    Validation,

    /// <summary>Evaluation only.</summary>
    Test,
}

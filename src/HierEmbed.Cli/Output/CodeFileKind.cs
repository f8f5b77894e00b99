namespace HierEmbed.Cli.Output;

/// <summary>Formats that codes are written in.</summary>
internal enum CodeFileKind
{
    /// <summary>scipy's CSR matrix.</summary>
    Npz,

    /// <summary>Columns id, indices, values.</summary>
    Parquet,

    /// <summary>An object a line.</summary>
    JsonLines,

    /// <summary>A Qdrant point a line.</summary>
    Qdrant,

    /// <summary>id and sparsevec, for PostgreSQL's COPY.</summary>
    Pgvector,

    /// <summary>HierEmbed's packed codes.</summary>
    Packed,
}

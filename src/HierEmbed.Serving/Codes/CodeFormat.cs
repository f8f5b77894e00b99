namespace HierEmbed.Serving.Codes;

/// <summary>How a code is written.</summary>
public enum CodeFormat
{
    /// <summary><c>{"k":32,"dims":4096,"indices":[5,91],"values":[0.7,0.2],"norm":1.83}</c>, indices from 0.</summary>
    Sparse,

    /// <summary><c>{"k":32,"dims":4096,"values":[0,0,…],"norm":1.83}</c>, every latent.</summary>
    Dense,

    /// <summary>The text of a pgvector sparsevec, counted from 1: <c>"{6:0.7,92:0.2}/4096"</c>.</summary>
    Pgvector,

    /// <summary>A Qdrant sparse vector, counted from 0: <c>{"indices":[5,91],"values":[0.7,0.2]}</c>.</summary>
    Qdrant,
}

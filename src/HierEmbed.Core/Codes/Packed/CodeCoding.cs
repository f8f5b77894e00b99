namespace HierEmbed.Core.Codes.Packed;

/// <summary>How codes are made.</summary>
public enum CodeCoding
{
    /// <summary>Orthogonal matching pursuit on the model's dictionary: for stored vectors. They mean something only as asymmetric scores.</summary>
    Pursuit = 0,

    /// <summary>The model's encoder, values scaled to unit length: one matrix product, and codes that can be compared with one another.</summary>
    Encoder = 1,
}

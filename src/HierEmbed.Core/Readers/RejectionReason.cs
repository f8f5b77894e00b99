namespace HierEmbed.Core.Readers;

/// <summary>Why a row was left out.</summary>
public enum RejectionReason
{
    /// <summary>It holds NaN or infinity.</summary>
    NotFinite,

    /// <summary>Its length is not the file's.</summary>
    WrongLength,

    /// <summary>It is all zeros, and the recipe divides by its length.</summary>
    ZeroRow,

    /// <summary>It is not a list of numbers, or its line is not JSON.</summary>
    NotNumbers,
}

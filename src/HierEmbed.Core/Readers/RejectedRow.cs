namespace HierEmbed.Core.Readers;

/// <summary>One row that was left out.</summary>
/// <param name="Row">Row number in the file, from 0.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">What was found, such as "NaN at dimension 7" or "383 values; expected 384".</param>
public sealed record RejectedRow(long Row, RejectionReason Reason, string Detail);

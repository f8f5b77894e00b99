namespace HierEmbed.Core.Errors;

/// <summary>One failure as it is stored, returned between steps, and answered over HTTP.</summary>
/// <param name="Code">The <see cref="ProblemType.Code"/>.</param>
/// <param name="Title">The <see cref="ProblemType.Title"/>.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What was found, where, what was expected, what to do; under 300 characters.</param>
public sealed record Problem(string Code, string Title, int Status, string Detail);

using HierEmbed.Core;
using HierEmbed.Core.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Http;

/// <summary>Turns what went wrong into an answer: the one place where an exception becomes a problem, on every host.</summary>
/// <param name="log">Told of faults of the program.</param>
public sealed class Problems(ILogger<Problems> log)
{
    /// <summary>The answer to a request that failed.</summary>
    public IResult Answer(Exception exception, HttpRequest request)
    {
        string path = request.PathBase + request.Path;
        switch (exception)
        {
            case HierEmbedException known:
                if (known.Type.Status >= 500)
                    ProblemLog.Faulty(log, known, request.Method, path);
                return Result(known.Type, known.Message, path);
            case OperationCanceledException when request.HttpContext.RequestAborted.IsCancellationRequested:
                return TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest);
            case BadHttpRequestException bad:
                return bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                    ? Result(ProblemTypes.TooLarge, "The body is larger than the host accepts. Send fewer embeddings in one request.", path)
                    : Result(ProblemTypes.MalformedBody, "The body ended early or its transfer encoding is broken. Send the request again.", path);
            default:
                ProblemLog.Unexpected(log, exception, request.Method, path);
                return Result(ProblemTypes.Internal, "The program failed to answer; its log says why. Try again, and report it if it happens again.", path);
        }
    }

    /// <summary>A problem as an answer.</summary>
    public static IResult Result(ProblemType type, string detail, string instance) =>
        TypedResults.Json(ProblemBody.From(type, detail, instance), Json.Compact, MediaTypes.Problem, type.Status);

    /// <summary>Wraps an answer, so that a failure while it is written is answered too, or the connection is cut where it is too late for that.</summary>
    internal IResult Guard(IResult inner) => new GuardedResult(inner, this);

    private sealed class GuardedResult(IResult inner, Problems problems) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            try
            {
                await inner.ExecuteAsync(httpContext);
            }
            catch (Exception e) when (!httpContext.Response.HasStarted)
            {
                httpContext.Response.Clear();
                await problems.Answer(e, httpContext.Request).ExecuteAsync(httpContext);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Half an answer is out: only a cut connection tells the client that the rest is missing.
                ProblemLog.Unexpected(problems.log, e, httpContext.Request.Method, httpContext.Request.Path);
                httpContext.Abort();
            }
        }
    }

    private readonly ILogger log = log;
}

using Azure;
using Azure.Identity;

namespace HierEmbed.Storage.Blobs;

/// <summary>Tells the blob service's faults that time can cure from those that it cannot.</summary>
public static class BlobFaults
{
    /// <summary>Whether the same request may succeed later. False for what is no fault of the blob service.</summary>
    /// <remarks>
    /// 401, 403 and a credential that gives no token are taken as passing: a role takes minutes to reach all servers, firewall rules and keys are put right
    /// while the program runs, and a run that failed for good would not be taken up again then. 404, 409 and 412 beyond what the store answers itself are
    /// states of others' making (a container being deleted, a lease), and 0 is no answer at all. Other refusals (4xx) are of the request as it is.
    /// </remarks>
    public static bool IsTransient(Exception exception) => exception switch
    {
        RequestFailedException { Status: >= 400 and < 500 and not (401 or 403 or 404 or 408 or 409 or 412 or 429) } => false,
        RequestFailedException or AuthenticationFailedException => true,
        _ => false,
    };

    /// <summary>A fault of the blob service in a line: the answer's status and code, and the first line of what it says. Null for what is none.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        RequestFailedException { Status: 0 } none => $"the blob service cannot be reached: {FirstLine(none)}",
        RequestFailedException answer => $"the blob service answered {answer.Status} {answer.ErrorCode}: {FirstLine(answer)}",
        _ => null,
    };

    private static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].Trim();
}

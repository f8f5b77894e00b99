// microsoft/durabletask-dotnet: src/Client/Core/OrchestrationQuery.cs
namespace Microsoft.DurableTask.Client;

public class OrchestrationQuery
{
    private OrchestrationQuery()
    {
    }
}

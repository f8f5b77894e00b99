// Azure/azure-functions-dotnet-worker: extensions/Worker.Extensions.Http/src/AuthorizationLevel.cs
namespace Microsoft.Azure.Functions.Worker;

public enum AuthorizationLevel
{
    Anonymous = 0,
    Function = 2,
}

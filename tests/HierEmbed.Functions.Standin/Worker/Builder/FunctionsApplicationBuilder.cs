// Azure/azure-functions-dotnet-worker: src/DotNetWorker/Builder/FunctionsApplicationBuilder.cs
using HierEmbed.Functions.Standin;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

public class FunctionsApplicationBuilder
{
    internal FunctionsApplicationBuilder()
    {
    }

    public ConfigurationManager Configuration => throw Unsupported.Member();

    public IServiceCollection Services => throw Unsupported.Member();

    public IHost Build() => throw Unsupported.Member();
}

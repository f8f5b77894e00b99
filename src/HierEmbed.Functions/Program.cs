using HierEmbed.Core;
using HierEmbed.Functions.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

// Before threads start.
TorchMemory.UseLargePages();
FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddHierEmbed(builder.Configuration);
builder.Build().Run();

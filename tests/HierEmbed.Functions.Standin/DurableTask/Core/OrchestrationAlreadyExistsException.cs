// Azure/durabletask: src/DurableTask.Core/Exceptions/OrchestrationAlreadyExistsException.cs
#nullable disable // as the original

namespace DurableTask.Core.Exceptions;

public class OrchestrationAlreadyExistsException(string message) : InvalidOperationException(message);

using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using HierEmbed.Core;
using HierEmbed.Serving.Endpoints;
using HierEmbed.Serving.Http;

namespace HierEmbed.Serving.OpenApi;

/// <summary>Makes the OpenAPI 3.1 document from the table of routes and the records that they take and answer.</summary>
public static class OpenApiDocument
{
    /// <summary>The document as JSON.</summary>
    /// <param name="endpoints">The routes that are mapped.</param>
    public static string Create(IReadOnlyList<EndpointDefinition> endpoints)
    {
        var schemas = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        var paths = new JsonObject();
        foreach (IGrouping<string, EndpointDefinition> route in endpoints.GroupBy(e => $"{ApiRoutes.Prefix}/{e.Route}"))
            paths[route.Key] = new JsonObject(route.Select(e => KeyValuePair.Create<string, JsonNode?>(e.Method.ToLowerInvariant(), Operation(e, schemas))));
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "HierEmbed", ["version"] = HealthEndpoint.ProgramVersion },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
                ["securitySchemes"] = new JsonObject
                {
                    ["key"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = ApiKey.Header },
                },
            },
        }.ToJsonString(Json.Indented);
    }

    private static JsonObject Operation(EndpointDefinition endpoint, SortedDictionary<string, JsonNode> schemas)
    {
        var operation = new JsonObject { ["operationId"] = endpoint.Name, ["summary"] = endpoint.Summary };
        if (!endpoint.Anonymous)
            operation["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() });
        JsonNode[] parameters = [.. RouteParameters(endpoint.Route), .. endpoint.Query.Select(QueryParameter)];
        if (parameters.Length > 0)
            operation["parameters"] = new JsonArray(parameters);
        if (endpoint.Body.Count > 0)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = new JsonObject(endpoint.Body.Select(b => KeyValuePair.Create<string, JsonNode?>(b.MediaType, Media(b.MediaType, b.Type, schemas)))),
            };
        }
        operation["responses"] = Responses(endpoint, schemas);
        return operation;
    }

    private static JsonObject Responses(EndpointDefinition endpoint, SortedDictionary<string, JsonNode> schemas)
    {
        var responses = new JsonObject();
        foreach (IGrouping<int, ResponseShape> status in endpoint.Responses.GroupBy(r => r.Status))
        {
            var response = new JsonObject { ["description"] = Reason(status.Key) };
            if (status.Any(r => r.MediaType is not null))
                response["content"] = new JsonObject(status.Select(r => KeyValuePair.Create<string, JsonNode?>(r.MediaType!, Media(r.MediaType!, r.Type, schemas))));
            responses[status.Key.ToString(CultureInfo.InvariantCulture)] = response;
        }
        responses["default"] = new JsonObject
        {
            ["description"] = "A problem.",
            ["content"] = new JsonObject { [MediaTypes.Problem] = Media(MediaTypes.Problem, typeof(ProblemBody), schemas) },
        };
        return responses;
    }

    private static JsonObject Media(string mediaType, Type? type, SortedDictionary<string, JsonNode> schemas)
    {
        if (type is null)
            return new JsonObject { ["schema"] = mediaType == MediaTypes.Npy ? new JsonObject { ["type"] = "string", ["format"] = "binary" } : [] };
        if (!schemas.ContainsKey(type.Name))
            schemas[type.Name] = Rebase(Schema(type), $"#/components/schemas/{type.Name}");
        return new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{type.Name}" } };
    }

    private static JsonNode Schema(Type type) =>
        Json.Compact.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });

    /// <summary>The exporter counts references from the schema's own root; in the document that root lies deeper.</summary>
    private static JsonNode Rebase(JsonNode schema, string root)
    {
        if (schema is JsonObject fields)
        {
            if (fields["$ref"] is JsonValue reference)
                fields["$ref"] = root + reference.GetValue<string>()[1..];
            foreach (JsonNode? field in fields.Select(f => f.Value).ToList())
            {
                if (field is JsonObject or JsonArray)
                    Rebase(field, root);
            }
        }
        else if (schema is JsonArray items)
        {
            foreach (JsonNode? item in items)
            {
                if (item is not null)
                    Rebase(item, root);
            }
        }
        return schema;
    }

    private static JsonNode QueryParameter(QueryParameter parameter) => new JsonObject
    {
        ["name"] = parameter.Name,
        ["in"] = "query",
        ["required"] = false,
        ["description"] = parameter.Description,
        ["schema"] = Schema(parameter.Type),
    };

    private static IEnumerable<JsonNode> RouteParameters(string route)
    {
        foreach (string segment in route.Split('/'))
        {
            if (segment.StartsWith('{'))
                yield return new JsonObject { ["name"] = segment.Trim('{', '}'), ["in"] = "path", ["required"] = true, ["schema"] = Schema(typeof(string)) };
        }
    }

    private static string Reason(int status) => status switch
    {
        200 => "Done.",
        202 => "Accepted.",
        204 => "Deleted.",
        304 => "The client has this version.",
        _ => "Answer.",
    };
}

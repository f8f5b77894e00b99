#!/bin/sh
# Subscribes the function app to uploads: after a deployment, because the key of the blob extension is there only once a function with a
# blob trigger is. Called by azd, which sets the variables from main.bicep's outputs; a second call replaces the subscription by the same.
set -eu

function=OnEmbeddingsUploadedEventGrid

for attempt in 1 2 3 4 5 6; do
  key=$(az functionapp keys list --resource-group "$AZURE_RESOURCE_GROUP" --name "$AZURE_FUNCTION_APP_NAME" \
    --query systemKeys.blobs_extension --output tsv)
  [ -z "$key" ] || break
  echo "The app has no key for blob events yet (attempt $attempt of 6); it gets one when its functions are loaded." >&2
  sleep 20
done
[ -n "$key" ] || { echo "error: $AZURE_FUNCTION_APP_NAME has no system key blobs_extension. Is $function deployed?" >&2; exit 1; }

az eventgrid system-topic event-subscription create \
  --resource-group "$AZURE_RESOURCE_GROUP" \
  --system-topic-name "$AZURE_EVENT_GRID_TOPIC_NAME" \
  --name embeddings \
  --endpoint-type webhook \
  --endpoint "$AZURE_FUNCTION_APP_URL/runtime/webhooks/blobs?functionName=Host.Functions.$function&code=$key" \
  --included-event-types Microsoft.Storage.BlobCreated \
  --subject-begins-with "/blobServices/default/containers/$HIEREMBED_UPLOADS_CONTAINER/" \
  --output none
echo "Uploads to $HIEREMBED_UPLOADS_CONTAINER now start $function."

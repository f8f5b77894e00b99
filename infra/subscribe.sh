#!/bin/sh
# Subscribes the function app to uploads: after a deployment, because the key of the blob extension is there only once a function with a
# blob trigger is. Called by azd, which sets the variables from main.bicep's outputs; a second call replaces the subscription by the same.
set -eu
# Git Bash on Windows would take the subject filter for a path of its own.
export MSYS_NO_PATHCONV=1

function=OnEmbeddingsUploadedEventGrid

subscribe() {
  key=$(az functionapp keys list --subscription "$AZURE_SUBSCRIPTION_ID" --resource-group "$AZURE_RESOURCE_GROUP" --name "$AZURE_FUNCTION_APP_NAME" \
    --query systemKeys.blobs_extension --output tsv) || return 1
  [ -n "$key" ] || return 1
  # Event Grid asks the endpoint at once whether it agrees, so the app must be awake.
  az eventgrid system-topic event-subscription create \
    --subscription "$AZURE_SUBSCRIPTION_ID" \
    --resource-group "$AZURE_RESOURCE_GROUP" \
    --system-topic-name "$AZURE_EVENT_GRID_TOPIC_NAME" \
    --name embeddings \
    --endpoint-type webhook \
    --endpoint "$AZURE_FUNCTION_APP_URL/runtime/webhooks/blobs?functionName=Host.Functions.$function&code=$key" \
    --included-event-types Microsoft.Storage.BlobCreated \
    --subject-begins-with "/blobServices/default/containers/$HIEREMBED_UPLOADS_CONTAINER/" \
    --output none
}

# Until its functions are loaded the app has no key, or does not answer: after a first deployment, some minutes, as roles take that long to reach storage.
attempt=1
until subscribe; do
  [ "$attempt" -lt 15 ] || { echo "error: $AZURE_FUNCTION_APP_NAME could not be subscribed to uploads. Is $function deployed, and does the app start? Then run this again." >&2; exit 1; }
  echo "The app is not ready for blob events yet (attempt $attempt of 15); trying again in 20 seconds." >&2
  attempt=$((attempt + 1))
  sleep 20
done
echo "Uploads to $HIEREMBED_UPLOADS_CONTAINER now start $function."

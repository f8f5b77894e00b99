#!/usr/bin/env bash
# The end-to-end suite against a host that this starts: end-to-end.sh folder|azurite [dotnet test arguments].
# Against any other deployment: set HIEREMBED_E2E_URL, HIEREMBED_E2E_STORAGE and, where it asks for one, HIEREMBED_E2E_KEY, and run
# dotnet test tests/HierEmbed.EndToEnd.Tests. Needs the solution built in Release.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

where=$1
shift
work=$(mktemp -d)
started=()
finish() {
  for process in "${started[@]}"; do kill "$process" 2> /dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT

# Waits until a file holds a line that begins with a text, and prints the line.
line_of() {
  for _ in $(seq 300); do
    grep -m 1 "^$2" "$1" && return 0
    sleep 0.1
  done
  echo "error: \"$2\" did not appear:" >&2
  cat "$1" >&2
  return 1
}

case $where in
  folder)
    storage=$work/storage
    ;;
  azurite)
    port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
    node tests/azurite/node_modules/azurite/dist/src/blob/main.js --silent --disableTelemetry --skipApiVersionCheck \
      --location "$work/azurite" --blobHost 127.0.0.1 --blobPort "$port" > "$work/azurite.log" 2>&1 &
    started+=($!)
    curl --silent --output /dev/null --retry 100 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$port/devstoreaccount1?comp=list" \
      || { echo "error: azurite does not answer:" >&2; cat "$work/azurite.log" >&2; exit 1; }
    # The account and key that every emulator has; public.
    storage="DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:$port/devstoreaccount1;"
    ;;
  *)
    echo "error: $where is neither folder nor azurite" >&2
    exit 2
    ;;
esac

HierEmbed__QuietPeriod=00:00:00.500 HierEmbed__PollInterval=00:00:00.500 \
  src/HierEmbed.Cli/bin/Release/net10.0/*/hierembed serve --storage "$storage" --urls http://127.0.0.1:0 2> "$work/serve.log" &
started+=($!)
HIEREMBED_E2E_URL=$(line_of "$work/serve.log" "Listening on " | cut -d' ' -f3)
HIEREMBED_E2E_STORAGE=$storage
export HIEREMBED_E2E_URL HIEREMBED_E2E_STORAGE
dotnet test tests/HierEmbed.EndToEnd.Tests --no-build --configuration Release "$@"

#!/usr/bin/env bash
# The end-to-end suite against a host that this starts: end-to-end.sh folder|azurite|func [dotnet test arguments].
# folder and azurite are the in-process host on one or the other; func is the function app under Core Tools (func start) on Azurite.
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
  [ -z "${made_settings:-}" ] || rm -f local.settings.json
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

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# Waits until an address answers with anything, for so many seconds at most; prints a log where it does not.
answers() {
  curl --silent --output /dev/null --retry "$2" --retry-delay 1 --retry-connrefused "$1" || { echo "error: $1 does not answer:" >&2; cat "$3" >&2; return 1; }
}

# Starts one of Azurite's services, and adds where it is to the connection string.
start_azurite() { # blob|queue|table
  local port
  port=$(free_port)
  node "tests/azurite/node_modules/azurite/dist/src/$1/main.js" --silent --disableTelemetry --skipApiVersionCheck \
    --location "$work/azurite" "--$1Host" 127.0.0.1 "--$1Port" "$port" > "$work/azurite-$1.log" 2>&1 &
  started+=($!)
  answers "http://127.0.0.1:$port/devstoreaccount1?comp=list" 100 "$work/azurite-$1.log"
  storage+="${1^}Endpoint=http://127.0.0.1:$port/devstoreaccount1;"
}

# The account and key that every emulator has; public.
emulator="DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
case $where in
  folder)
    storage=$work/storage
    ;;
  azurite)
    storage=$emulator
    start_azurite blob
    ;;
  func)
    [ "${FunctionsSdk:-packages}" = packages ] || { echo "error: FunctionsSdk is $FunctionsSdk; what is compiled against it does not run" >&2; exit 1; }
    command -v func > /dev/null || { echo "error: func is missing; install Azure Functions Core Tools 4" >&2; exit 1; }
    storage=$emulator
    start_azurite blob
    start_azurite queue
    start_azurite table
    ;;
  *)
    echo "error: $where is none of folder, azurite, func" >&2
    exit 2
    ;;
esac

export HierEmbed__QuietPeriod=00:00:00.500 HierEmbed__PollInterval=00:00:00.500
if [ "$where" = func ]; then
  # The settings of the sample, as a user copies them; the environment's go before those of the file.
  [ -e local.settings.json ] || { cp local.settings.sample.json local.settings.json && made_settings=1; }
  port=$(free_port)
  export AzureWebJobsStorage=$storage HierEmbedStorage=$storage
  (cd src/HierEmbed.Functions && exec func start --port "$port") > "$work/func.log" 2>&1 &
  started+=($!)
  HIEREMBED_E2E_URL=http://127.0.0.1:$port
  # It builds first.
  answers "$HIEREMBED_E2E_URL/api/v1/health" 600 "$work/func.log"
else
  src/HierEmbed.Cli/bin/Release/net10.0/*/hierembed serve --storage "$storage" --urls http://127.0.0.1:0 2> "$work/serve.log" &
  started+=($!)
  HIEREMBED_E2E_URL=$(line_of "$work/serve.log" "Listening on " | cut -d' ' -f3)
fi
HIEREMBED_E2E_STORAGE=$storage
export HIEREMBED_E2E_URL HIEREMBED_E2E_STORAGE
dotnet test tests/HierEmbed.EndToEnd.Tests --no-build --configuration Release "$@" || {
  status=$?
  [ "$where" != func ] || tail -n 200 "$work/func.log" >&2
  exit "$status"
}

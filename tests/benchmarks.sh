#!/usr/bin/env bash
# Measures against what people would use, in one run: bash tests/benchmarks.sh [readers | pursuit | search | memory | past-memory], all where none is named
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=${HIEREMBED_PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import numpy, pandas' 2> /dev/null; then
  command -v apt-get > /dev/null || { echo "error: $python has no numpy and pandas, and there is no apt-get to install them with" >&2; exit 1; }
  sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update --quiet=2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends python3-numpy python3-pandas > /dev/null
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Whole processes of it are measured.
dotnet build src/HierEmbed.Cli --configuration Release --verbosity quiet
exec dotnet run --project tests/HierEmbed.Benchmarks --configuration Release -- "$@"

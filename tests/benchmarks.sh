#!/usr/bin/env bash
# Measures against what people would use, in one run, and writes tests/benchmarks/RESULTS.md: bash tests/benchmarks.sh
# One subject alone, printed only: bash tests/benchmarks.sh NAME
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# wrk asks the HTTP routes. The peers at their best: Debian's torch multiplies 15 times as fast with OpenBLAS than without.
python=${HIEREMBED_PYTHON:-/usr/bin/python3}
packages=(python3-numpy python3-pandas python3-scipy python3-sklearn python3-faiss python3-torch libopenblas0-pthread wrk)
if ! "$python" -c 'import numpy, pandas, scipy, sklearn, faiss, torch' 2> /dev/null || ! dpkg --status libopenblas0-pthread wrk > /dev/null 2>&1; then
  command -v apt-get > /dev/null || { echo "error: ${packages[*]} are needed, and there is no apt-get to install them with" >&2; exit 1; }
  sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update --quiet=2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "${packages[@]}" > /dev/null
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Whole processes of it are measured.
dotnet build src/HierEmbed.Cli --configuration Release --verbosity quiet
exec dotnet run --project tests/HierEmbed.Benchmarks --configuration Release -- "$@"

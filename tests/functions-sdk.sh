#!/usr/bin/env bash
# Prints which function SDK this machine can compile against: packages, or standin where feeds lack the packages or deny them.
# FunctionsSdk in the environment decides beforehand. Anything else that keeps the app from being built against the packages is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${FunctionsSdk:-} in
  packages | standin) echo "$FunctionsSdk"; exit 0 ;;
  "") ;;
  *) echo "error: FunctionsSdk is '$FunctionsSdk'; it is packages or standin" >&2; exit 2 ;;
esac

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Built, not only restored: the SDK restores the host's extensions while it builds.
if DOTNET_CLI_UI_LANGUAGE=en dotnet build src/HierEmbed.Functions --configuration Release --verbosity quiet -warnaserror > "$log" 2>&1; then
  echo packages
  exit 0
fi

# How NuGet says that a package is not there, or not for this machine. An error of any other kind, or about any other package, is none of these.
functions="'?Microsoft\.(Azure\.(Functions|DurableTask|WebJobs)|DurableTask|NET\.Sdk\.Functions)(\.|'| |$)"
missing="(Unable to find (a stable )?package|Failed to retrieve information about|Failed to download package|lists package|error NU1603: .* but) $functions"
denied="Response status code does not indicate success: (401|403|404|410|451) "
others=$(grep ': error ' "$log" | grep -Ev "$missing|$denied" || true)
if [ -z "$others" ] && grep -Eq "$missing" "$log"; then
  grep -E "$missing" "$log" | sort -u | cut -c1-300 >&2
  echo standin
else
  cat "$log" >&2
  exit 1
fi

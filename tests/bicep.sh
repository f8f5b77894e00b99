#!/usr/bin/env bash
# Compiles and lints infra/ with the Bicep CLI from NuGet; a warning is an error. Resources are checked against the types that come with the CLI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dotnet restore tests/Tools/Bicep --verbosity quiet
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
version=$(grep -o 'Version="\[[^]]*' tests/Tools/Bicep/Bicep.csproj | cut -d'[' -f2)
bicep=$(find "$packages/azure.bicep.commandline.linux-x64/$version/tools" -type f -name bicep)
chmod +x "$bicep"
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

found=$({ "$bicep" build infra/main.bicep --stdout > /dev/null && "$bicep" lint infra/main.bicep \
  && "$bicep" build-params infra/main.bicepparam --stdout > /dev/null; } 2>&1) || { printf '%s\n' "$found" >&2; exit 1; }
[ -z "$found" ] || { printf '%s\n' "$found" >&2; exit 1; }
for file in infra/main.bicep infra/main.bicepparam; do
  "$bicep" format "$file" --stdout | diff "$file" - || { echo "error: $file is not formatted as 'bicep format' does" >&2; exit 1; }
done
sh -n infra/subscribe.sh

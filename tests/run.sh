#!/usr/bin/env bash
# Every test, from a fresh clone: installs what is missing, checks the format, builds once, runs each test project,
# and ends with one line "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

solution=HierEmbed.Functions.sln
project_minutes=${HIEREMBED_PROJECT_MINUTES:-10}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

say() { printf '== %s\n' "$*"; }

# The field's own tools, which tests compare with. Debian's packages: one version for everyone, and no pip.
install_missing() {
  local python=${HIEREMBED_PYTHON:-/usr/bin/python3} missing=()
  command -v curl > /dev/null || missing+=(curl)
  "$python" -c 'import numpy, scipy, sklearn, onnx' 2> /dev/null || missing+=(python3-numpy python3-scipy python3-sklearn python3-onnx)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get > /dev/null || { echo "error: missing ${missing[*]}, and there is no apt-get to install them with" >&2; return 1; }
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  say "installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { "${sudo[@]}" apt-get update && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"; } > "$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
  rm -f "$log"
}

# The blob service that tests run on. npm's own record of what it installed is younger than the lock file, or the folder is made anew.
install_azurite() {
  local folder=tests/azurite
  [ -f "$folder/node_modules/.package-lock.json" ] && [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return 0
  command -v npm > /dev/null || { echo "error: npm is missing; install Node.js 20 or newer, which the tests' blob service needs" >&2; return 1; }
  say "installing azurite"
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error
}

command -v dotnet > /dev/null || { echo "error: dotnet is missing; install the .NET SDK that global.json names" >&2; exit 1; }
# Beside restore and build, which leave the processor idle while packages arrive.
install_missing &
python_installed=$!
install_azurite &
azurite_installed=$!

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Which of the two is said twice: here, and where the totals are read.
say "function SDK"
FunctionsSdk=$(bash tests/functions-sdk.sh)
export FunctionsSdk
case $FunctionsSdk in
  packages) functions_sdk="THE FUNCTION APP IS COMPILED AGAINST THE FUNCTION SDK'S PACKAGES" ;;
  standin) functions_sdk="THE FUNCTION APP IS COMPILED AGAINST THE STAND-IN OF THE FUNCTION SDK, NOT AGAINST ITS PACKAGES: THIS PROVES NOTHING ABOUT THE HOST" ;;
esac
say "$functions_sdk"

say "restore"
dotnet restore "$solution" --verbosity quiet
say "build (Release, warnings are errors)"
dotnet build "$solution" --configuration Release --no-restore --verbosity quiet -warnaserror
# After the build, which generates the sources that the others refer to.
say "format"
dotnet format "$solution" --verify-no-changes --no-restore

say "infra (Bicep)"
bash tests/bicep.sh

wait "$python_installed"
wait "$azurite_installed"

failed_projects=0
for project in $(ls tests/*.Tests/*.Tests.csproj | grep -v EndToEnd); do
  name=$(basename "$project" .csproj)
  started=$SECONDS
  say "$name"
  timeout --kill-after=10 "$((project_minutes * 60))" dotnet test "$project" --no-build --configuration Release \
    --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name.trx" --results-directory "$results" || failed_projects=$((failed_projects + 1))
  [ -f "$results/$name.trx" ] || echo "error: $name did not report" >&2
  say "$name took $((SECONDS - started)) s"
done

# What has a form for each width of vectors has a plain one too: the same tests, where the processor is said to have less.
for hardware in EnableAVX512 EnableHWIntrinsic; do
  for project in Core Training; do
    say "HierEmbed.$project.Tests without $hardware"
    timeout --kill-after=10 "$((project_minutes * 60))" env "DOTNET_$hardware=0" dotnet test "tests/HierEmbed.$project.Tests" --no-build --configuration Release \
      --filter "FullyQualifiedName~SketchTests|FullyQualifiedName~StrongestLatentsTests|FullyQualifiedName~.Numerics.|FullyQualifiedName~.ClosedForm.|FullyQualifiedName~GradientTests" \
      --logger "console;verbosity=minimal" --logger "trx;LogFileName=$project-$hardware.trx" --results-directory "$results" || failed_projects=$((failed_projects + 1))
  done
done

# Where the same suite meets two storages, the address of a host is all that it is told.
for storage in folder azurite; do
  say "HierEmbed.EndToEnd.Tests on $storage"
  timeout --kill-after=10 "$((project_minutes * 60))" bash tests/end-to-end.sh "$storage" \
    --logger "console;verbosity=minimal" --logger "trx;LogFileName=end-to-end-$storage.trx" --results-directory "$results" || failed_projects=$((failed_projects + 1))
done

# Prints the last line, and fails where a test failed, a project did not report, or a skipped test gives no reason.
expected=$(($(ls tests/*.Tests/*.Tests.csproj | wc -l) + 5)) # the end-to-end suite reports twice, and four runs with less of the processor
status=0
say "$functions_sdk"
/usr/bin/env "${HIEREMBED_PYTHON:-/usr/bin/python3}" tests/count_results.py "$results" "$expected" || status=1
[ "$failed_projects" -eq 0 ] || status=1
exit "$status"

#!/usr/bin/env bash
# Recall of codes on rows that training never saw, beside baselines of the same bytes: bash tests/quality.sh [folder of .npy sets]
# A set is a folder with vectors.npy, or an .npy file; without a folder it is the shipped sample. Two seeds, the recipes sparse and matryoshka.
# HIEREMBED_QUALITY_OUT=folder keeps models and figures there, and takes up what is there already.
set -euo pipefail
sets_folder=${1:-}
[ -z "$sets_folder" ] || sets_folder=$(cd "$sets_folder" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=${HIEREMBED_PYTHON:-/usr/bin/python3}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build src/HierEmbed.Cli --configuration Release --verbosity quiet -warnaserror > /dev/null
hierembed=$(ls src/HierEmbed.Cli/bin/Release/net10.0/*/hierembed.dll | head -n 1)

if [ -n "${HIEREMBED_QUALITY_OUT:-}" ]; then
  mkdir -p "$HIEREMBED_QUALITY_OUT"
  out=$(cd "$HIEREMBED_QUALITY_OUT" && pwd)
else
  out=$(mktemp --directory)
  trap 'rm -rf "$out"' EXIT
fi

sets=()
if [ -z "$sets_folder" ]; then
  sets+=("src/HierEmbed.Cli/Samples/wordnet-4k/vectors.npy")
elif [ -f "$sets_folder/vectors.npy" ]; then
  sets+=("$sets_folder/vectors.npy")
else
  for file in "$sets_folder"/*/vectors.npy "$sets_folder"/*.npy; do
    [ ! -f "$file" ] || sets+=("$file")
  done
fi
[ "${#sets[@]}" -gt 0 ] || { echo "error: $sets_folder has neither .npy files nor folders with vectors.npy" >&2; exit 2; }

say() { printf '%s\n' "$*" >&2; }

for vectors in "${sets[@]}"; do
  name=$(basename "$vectors" .npy)
  [ "$name" != vectors ] || name=$(basename "$(dirname "$vectors")")
  rows=$("$python" tests/Tools/quality_table.py rows "$vectors")
  # Many rows are enough to test on with a smaller share of them.
  test_fraction=0.3
  [ "$rows" -lt 10000 ] || test_fraction=0.25
  for recipe in sparse matryoshka; do
    for seed in 0 1; do
      model="$out/$name-$recipe-$seed"
      if [ ! -f "$model.json" ]; then
        say "$name: $recipe, seed $seed: training on $rows rows but those held out"
        started=$(date +%s.%N)
        dotnet exec "$hierembed" train "$vectors" --out "$model" --recipe "$recipe" --seed "$seed" --force \
          --set testFraction=$test_fraction validationFraction=0.05 > "$model.train.txt" 2> "$model.log" || { cat "$model.log" >&2; exit 1; }
        trained=$(date +%s.%N)
        # The training's own evaluation: what evaluate gives on the same rows, and a test holds that.
        "$python" tests/Tools/quality_table.py evaluation "$model/metrics.json" > "$model.json.partial"
        "$python" -c 'import sys; print(float(sys.argv[2]) - float(sys.argv[1]))' "$started" "$trained" > "$model.seconds"
        mv "$model.json.partial" "$model.json"
      fi
    done
  done
  "$python" tests/Tools/quality_table.py table "$out" "$name"
done
"$python" tests/Tools/quality_table.py machine "$(dotnet --version)" "$(git describe --always --dirty 2> /dev/null || echo unknown)"

#!/usr/bin/env bash
# The same projects with their long suites: every kill point, longer soaks. Hours, not minutes.
set -euo pipefail
export HIEREMBED_LONG=1 HIEREMBED_PROJECT_MINUTES="${HIEREMBED_PROJECT_MINUTES:-240}"
exec bash "$(dirname "${BASH_SOURCE[0]}")/run.sh"

#!/usr/bin/env bash
# Judge both example backends and say whether the gate decided as it should: sound passes, faulty fails.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

judge() { # NAME EXPECTED-EXIT-CODE
  printf '\n$ backend-gate check examples/%s\n' "$1"
  backend-gate check "$1"
  local code=$?
  if [ "$code" -ne "$2" ]; then
    printf '\ndemo: %s should end with exit code %s, it ended with %s\n' "$1" "$2" "$code" >&2
    exit 1
  fi
}

judge sound 0
judge faulty 1
printf '\ndemo: as expected, the sound backend passes (exit code 0) and the faulty one fails (exit code 1)\n'

#!/usr/bin/env bash
# Judge both example backends and say whether the gate decided as it should: sound passes, faulty fails.
#
#   demo.sh          check both, then run their tests and judge the handoff; DEMO_PYTHON has their dependencies
#   demo.sh check    check both
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

expect() { # NAME EXPECTED-EXIT-CODE COMMAND...
  local name=$1 expected=$2
  shift 2
  printf '\n$ %s\n' "$*"
  "$@"
  local code=$?
  if [ "$code" -ne "$expected" ]; then
    printf '\ndemo: %s should end with exit code %s, it ended with %s\n' "$name" "$expected" "$code" >&2
    exit 1
  fi
}

expect sound 0 backend-gate check sound
expect faulty 1 backend-gate check faulty
if [ "${1:-}" = check ]; then
  printf '\ndemo: as expected, the sound backend passes (exit code 0) and the faulty one fails (exit code 1)\n'
  exit 0
fi

: "${DEMO_PYTHON:?is the interpreter with the dependencies of the examples; make demo sets it up}"
# In copies: the evidence of tests would stay, and change what the next check says.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -R sound faulty "$scratch"
cd "$scratch" || exit 1

for name in sound faulty; do
  expect "the tests of $name" 0 backend-gate test --project "$name" --python "$DEMO_PYTHON"
done
expect "the handoff of sound" 0 backend-gate handoff sound --output handoff-sound --html
expect "the handoff of faulty" 1 backend-gate handoff faulty --output handoff-faulty --html
printf '\n$ cat handoff-sound/handoff.md\n'
cat handoff-sound/handoff.md
printf '\ndemo: as expected, the sound backend is ready to hand over (exit code 0) and the faulty one is not (exit code 1)\n'

#!/bin/sh
# Runs a pipeline through the gateway and waits for it: GATEHOUSE_URL=… GATEHOUSE_KEY=… sh run-pipeline.sh NAME '{"json": "parameters"}'
# Exits 0 when it succeeded. Asked again with the same Idempotency-Key, nothing runs twice.
set -eu
id="${REQUEST_ID:-sh-$(date +%s)-$$}"
ask() { curl --fail-with-body -sS -H "Authorization: Bearer $GATEHOUSE_KEY" -H 'content-type: application/json' "$@"; }

ask -H "Idempotency-Key: $id" -d "{\"parameters\": ${2:-"{}"}}" "$GATEHOUSE_URL/api/pipelines/$1/runs"
while sleep 2; do
  # Not found: it was not taken in yet.
  state=$(ask "$GATEHOUSE_URL/api/pipelines/runs/$id" 2>/dev/null | sed -n 's/^{[^{]*"state":"\([a-z]*\)".*/\1/p')
  printf '%s\n' "${state:-waiting}"
  case "$state" in
    succeeded) exit 0 ;;
    failed | error | cancelled) exit 1 ;;
  esac
done

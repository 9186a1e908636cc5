#!/usr/bin/env bash
# Renew the locks from pyproject.toml: one hash-pinned file per group, no download addresses.
# dev.txt is resolved first; every other group is held to its versions, so that what is tested is what ships.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=(.venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header)
"${uv[@]}" "$@" --group dev --output-file requirements/dev.txt
for group in fetch summarise render deliver console oauth mfa keepalive notify webhook stream bench; do
    "${uv[@]}" --group "$group" --constraint requirements/dev.txt --output-file "requirements/$group.txt"
done
"${uv[@]}" --group deploy --output-file requirements/deploy.txt
grep -E -A 40 '^uv==' requirements/dev.txt | awk 'NR==1 || /--hash/ {print} NR>1 && !/--hash/ {exit}' | sed '$ s/ \\$//' > requirements/uv.txt

#!/usr/bin/env bash
# Finds an ftp to run, or builds one, and hands over to transfer.js.
set -euo pipefail

if [[ -z ${JFTP_EXECUTABLE:-} ]]; then
  if command -v jftp >/dev/null; then
    JFTP_EXECUTABLE=jftp
  else
    repository=$(cd -- "$GITHUB_ACTION_PATH/.." && pwd)
    if [[ ! -f $repository/packages/cli/bundle/ftp.cjs ]]; then
      echo '::group::build jftp'
      (cd "$repository" && npx --yes pnpm@10 install --frozen-lockfile && npx --yes pnpm@10 build)
      echo '::endgroup::'
    fi
    JFTP_EXECUTABLE=$repository/bin/ftp.js
  fi
fi
export JFTP_EXECUTABLE

exec node "$GITHUB_ACTION_PATH/transfer.js"

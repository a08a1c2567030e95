#!/bin/sh
# Before nginx starts, what lies in /docker-entrypoint.d runs: *.sh as programs, *.envsh in this shell.
set -e

say() {
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*"
}

case "$1" in nginx | nginx-debug)
  for step in $(find /docker-entrypoint.d -follow -type f | sort -V); do
    case "$step" in
      *.envsh) [ -x "$step" ] && { say "Sourcing $step"; . "$step"; } || say "Ignoring $step, not executable" ;;
      *.sh) [ -x "$step" ] && { say "Launching $step"; "$step"; } || say "Ignoring $step, not executable" ;;
      *) say "Ignoring $step" ;;
    esac
  done
  say 'Configuration complete; ready for start up'
  ;;
esac

exec "$@"

#!/bin/sh
# Options or a configuration file are meant for redis-server, which does not run as root.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi
if [ "$1" = redis-server ]; then
  # In Docker Hub's build, protected mode is off unless asked for: other containers may connect.
  protected=
  for word in "$@"; do
    case "$word" in
      --protected-mode) protected=told ;;
      *.conf) grep -qs '^[[:space:]]*protected-mode' "$word" && protected=told ;;
    esac
  done
  [ -n "$protected" ] || set -- "$@" --protected-mode no
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' + 2> /dev/null || true
    exec setpriv --reuid=redis --regid=redis --clear-groups "$@"
  fi
fi
exec "$@"

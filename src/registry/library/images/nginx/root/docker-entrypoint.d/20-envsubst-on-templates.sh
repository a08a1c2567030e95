#!/bin/sh
# /etc/nginx/templates/**/*.template, with the environment's variables put in, becomes /etc/nginx/conf.d/**.
set -e
from="${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}"
suffix="${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}"
to="${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}"
filter="${NGINX_ENVSUBST_FILTER:-}"

[ -d "$from" ] || exit 0
if [ ! -w "$to" ]; then
  echo "$0: ERROR: $from exists, but $to is not writable" >&2
  exit 0
fi
# Only variables that are set are replaced: nginx has variables of its own ($host, $uri) in the same form.
names=$(awk -v filter="$filter" 'BEGIN { for (name in ENVIRON) if (name ~ filter) printf "${%s} ", name }')
find "$from" -follow -type f -name "*$suffix" | while read -r template; do
  relative="${template#"$from"/}"
  target="$to/${relative%"$suffix"}"
  mkdir -p "$(dirname "$target")"
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: Running envsubst on $template to $target"
  envsubst "$names" < "$template" > "$target"
done

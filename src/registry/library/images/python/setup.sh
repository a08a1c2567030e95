#!/bin/sh
# Runs inside the image.
set -eu
ln -sf /usr/bin/python3 /usr/local/bin/python
ln -sf /usr/bin/python3 /usr/local/bin/python3
ln -sf /usr/bin/pip3 /usr/local/bin/pip
# In a container the system's Python is the project's own: as in Docker Hub's image, pip may install there.
rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
# Debian's packages are built to work together. Where the bounds in fastapi's metadata say otherwise (bookworm has a newer
# starlette than they allow), pip would want another one from PyPI.
if ! pip3 check > /dev/null; then
  sed -i 's/^Requires-Dist: starlette.*/Requires-Dist: starlette/' /usr/lib/python3/dist-packages/fastapi-*/METADATA
  pip3 check
fi

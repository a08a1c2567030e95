#!/bin/sh
# Runs inside the image.
set -eu
ln -sf /usr/bin/python3 /usr/local/bin/python
ln -sf /usr/bin/python3 /usr/local/bin/python3
ln -sf /usr/bin/pip3 /usr/local/bin/pip
# In a container the system's Python is the project's own: as in Docker Hub's image, pip may install there.
rm -f /usr/lib/python3*/EXTERNALLY-MANAGED

#!/bin/sh
# Runs inside the image.
set -eu
ln -sf /usr/bin/node /usr/local/bin/node
ln -sf /usr/bin/node /usr/local/bin/nodejs
# Docker Hub's image has this user, and Dockerfiles say USER node.
groupadd --gid 1000 node
useradd --uid 1000 --gid node --shell /bin/bash --create-home node

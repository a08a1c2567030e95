#!/bin/sh
# Runs inside the image.
set -eu
mkdir -p /data
chown redis:redis /data
rm -rf /etc/redis /var/lib/redis /var/log/redis

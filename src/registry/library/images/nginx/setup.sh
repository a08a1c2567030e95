#!/bin/sh
# Runs inside the image: Docker Hub's places and names in place of Debian's.
set -eu
groupadd --system --gid 101 nginx
useradd --system --uid 101 --gid nginx --no-create-home --home-dir /nonexistent --comment 'nginx user' --shell /bin/false nginx
rm -rf /etc/nginx/sites-available /etc/nginx/sites-enabled /etc/nginx/snippets /var/www/html
mkdir -p /var/cache/nginx /usr/share/nginx/html /etc/nginx/templates
nginx -t
rm -f /run/nginx.pid
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log
cat > /usr/share/nginx/html/50x.html <<'PAGE'
<!DOCTYPE html>
<html lang="en">
<head><title>Error</title></head>
<body>
<h1>An error occurred.</h1>
<p>The page you are looking for is not available for the moment. Look into the error log for the reason.</p>
</body>
</html>
PAGE

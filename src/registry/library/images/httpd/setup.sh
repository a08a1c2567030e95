#!/bin/sh
# Runs inside the image: Docker Hub's folder, Debian's binaries.
set -eu
prefix=/usr/local/apache2
mkdir -p $prefix/bin $prefix/logs $prefix/cgi-bin $prefix/conf/extra
ln -s /usr/sbin/apache2 $prefix/bin/httpd
for tool in ab htpasswd htdigest htdbm rotatelogs logresolve; do
  [ -x /usr/bin/$tool ] && ln -s /usr/bin/$tool $prefix/bin/$tool
done
ln -s /usr/lib/apache2/modules $prefix/modules
ln -s /etc/mime.types $prefix/conf/mime.types
chown www-data:www-data $prefix
$prefix/bin/httpd -t -f $prefix/conf/httpd.conf

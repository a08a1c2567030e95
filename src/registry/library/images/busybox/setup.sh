#!/bin/sh
# Runs outside the tree ($1), which holds nothing but the unpacked busybox-static.
set -eu
cd "$1"
# /bin -> usr/bin and the like, where the package brings them
for link in bin sbin lib lib64; do [ -L "$link" ] && rm "$link"; done
if [ -f usr/bin/busybox ]; then mkdir -p bin && mv usr/bin/busybox bin/busybox; fi
find . -mindepth 1 -maxdepth 1 ! -name bin -exec rm -rf {} +
find bin -mindepth 1 ! -name busybox -exec rm -rf {} +
chmod 755 . bin bin/busybox
bin/busybox --install bin # hard links

mkdir -p dev etc home proc root sys usr/bin usr/sbin var/spool/mail var/www
mkdir -m 1777 tmp
chmod 700 root
ln -s ../../bin/env usr/bin/env
cat > etc/passwd <<'PASSWD'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
PASSWD
cat > etc/group <<'GROUP'
root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
mail:x:8:
wheel:x:10:root
audio:x:29:
www-data:x:33:
operator:x:37:
video:x:44:
users:x:100:
nobody:x:65534:
GROUP
printf 'root:*:::::::\nnobody:*:::::::\n' > etc/shadow
chmod 640 etc/shadow
printf '127.0.0.1\tlocalhost\n' > etc/hosts
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n' > etc/nsswitch.conf

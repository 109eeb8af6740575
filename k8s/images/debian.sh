#!/usr/bin/env bash
# Images from Debian packages, where no registry can be reached: the base of Kogata's own images (a Java runtime of the modules that it
# uses, on the few libraries that need no more), and PostgreSQL for the overlay `dev`. Root, mmdebstrap and a Debian mirror are needed;
# the same packages give the same bytes. Nothing of a package is configured: files only, so arm64 is made on amd64 too.
#
#   debian.sh jre OUT.tar [amd64|arm64]          a base for -Dkogata.images.base=tar://OUT.tar
#   debian.sh postgres OUT.tar [amd64|arm64]     kogata/postgres:15
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: debian.sh jre|postgres OUT.tar [amd64|arm64]" >&2; exit 2; }
what=$1 out=$(realpath -m "$2") here=$(cd "$(dirname "$0")" && pwd) host=$(dpkg --print-architecture)
arch=${3:-$host}
suite=${KOGATA_DEBIAN:-bookworm} user=10001
export SOURCE_DATE_EPOCH=1767225600 LC_ALL=C
command -v mmdebstrap > /dev/null || { echo "mmdebstrap is needed: apt-get install mmdebstrap" >&2; exit 2; }
work=$(mktemp -d /var/tmp/kogata-image.XXXXXX); trap 'rm -rf "$work"' EXIT

# What of a Java runtime Kogata, Quarkus, Kafka and the PostgreSQL driver use; locale data and tools stay away.
modules=java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.rmi,java.scripting,java.security.jgss,java.security.sasl,java.sql,java.transaction.xa,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs

unpack() { # ARCH FOLDER PACKAGES
  mmdebstrap --quiet --mode=root --variant=extract --architectures="$1" --include="$3" "$suite" "$work/packages.tar"
  mkdir -p "$2"; tar -C "$2" --exclude=./dev -xf "$work/packages.tar"; rm "$work/packages.tar"
}

prune() { # what only an installed Debian or a reader needs; licences stay
  find "$1/usr/share/doc" ! -type d ! -name copyright -delete
  rm -rf "$1"/usr/share/{man,locale,info,lintian,bug,perl5,perl,debconf,bash-completion,doc-base} "$1"/var/{cache,lib/apt,lib/dpkg,log} "$1"/etc/{apt,dpkg,cron.d,cron.daily,init.d,logrotate.d,hostname,resolv.conf,fstab} "$1"/{boot,home,media,mnt,opt,root,srv}
  find "$1" -depth -type d -empty -delete
}

accounts() { # name and home of the one user
  mkdir -p "$1"/etc "$1"/tmp; chmod 1777 "$1/tmp"
  printf 'root:x:0:0:root:/:/sbin/nologin\n%s:x:%s:%s::%s:/sbin/nologin\n' "$2" $user $user "$3" > "$1/etc/passwd"
  printf 'root:x:0:\n%s:x:%s:\n' "$2" $user > "$1/etc/group"
  echo 'hosts: files dns' > "$1/etc/nsswitch.conf"
}

archive() { # ROOT NAME CONFIG: as `docker save` writes it
  tar -C "$1" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -cf "$work/layer.tar" .
  local sum; sum=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
  printf '{"architecture":"%s","os":"linux","created":"2026-01-01T00:00:00Z","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"2026-01-01T00:00:00Z","created_by":"k8s/images/debian.sh %s"}]}' "$arch" "$3" "$sum" "$what" > "$work/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$2" > "$work/manifest.json"
  mkdir -p "$(dirname "$out")"
  tar -C "$work" --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf "$out.new" manifest.json config.json layer.tar
  mv "$out.new" "$out"; echo "$2 $arch: $out, $(stat -c %s "$out") bytes"
}

case $what in
  jre)
    unpack "$host" "$work/tools" openjdk-17-jdk-headless,ca-certificates
    jdk=$(echo "$work"/tools/usr/lib/jvm/java-17-openjdk-*) jmods=$jdk/jmods
    # A JDK that is unpacked only: its configuration lies where its links say once they are followed here.
    find "$jdk" -type l -lname '/etc/*' | while read -r link; do [ ! -e "$work/tools$(readlink "$link")" ] || ln -sf "$work/tools$(readlink "$link")" "$link"; done
    if [ "$arch" != "$host" ]; then unpack "$arch" "$work/foreign" openjdk-17-jdk-headless; jmods=$(echo "$work"/foreign/usr/lib/jvm/java-17-openjdk-*/jmods); fi
    # This machine's objcopy strips this machine's libraries only.
    strip=--strip-debug; [ "$arch" = "$host" ] || strip=--strip-java-debug-attributes
    unpack "$arch" "$work/root" dash,libc6,libgcc-s1,libstdc++6,libjpeg62-turbo,liblcms2-2,zlib1g
    prune "$work/root"; accounts "$work/root" kogata /kogata
    mkdir -p "$work/root/opt/java" "$work/root/etc/ssl/certs"
    "$jdk/bin/jlink" --module-path "$jmods" --add-modules "$modules" "$strip" --no-header-files --no-man-pages --output "$work/root/opt/java/openjdk"
    find "$work/tools/usr/share/ca-certificates" -name '*.crt' | sort | xargs cat > "$work/root/etc/ssl/certs/ca-certificates.crt"
    "$jdk/bin/java" -Dkeystore.pkcs12.certProtectionAlgorithm=NONE -Dkeystore.pkcs12.macAlgorithm=NONE "$here/TrustStore.java" "$work/root/etc/ssl/certs/ca-certificates.crt" "$work/root/opt/java/openjdk/lib/security/cacerts"
    # No archive of shared classes: dumping one gives other bytes every time.
    archive "$work/root" kogata/java:17 '{"User":"10001:10001","Env":["PATH=/opt/java/openjdk/bin:/usr/bin:/bin","JAVA_HOME=/opt/java/openjdk","LANG=C.UTF-8"],"Entrypoint":["java"]}' ;;
  postgres)
    unpack "$arch" "$work/root" postgresql-15,coreutils,dash,tar
    prune "$work/root"; accounts "$work/root" postgres /var/lib/postgresql
    # Its just-in-time compiler is larger than all the rest, and worth nothing for rows by key.
    rm -rf "$work"/root/usr/lib/llvm* "$work"/root/usr/lib/*/libLLVM* "$work"/root/usr/lib/postgresql/15/lib/{llvmjit*,bitcode} "$work"/root/usr/lib/*/perl* "$work"/root/usr/bin/perl*
    install -m 755 "$here/postgres.sh" "$work/root/entry"
    archive "$work/root" kogata/postgres:15 '{"User":"10001:10001","Env":["PATH=/usr/lib/postgresql/15/bin:/usr/bin:/bin","LANG=C.UTF-8","PGDATA=/var/lib/postgresql/data"],"Entrypoint":["/entry"],"Cmd":["postgres"],"ExposedPorts":{"5432/tcp":{}},"StopSignal":"SIGINT"}' ;;
  *) echo "'$what' is neither jre nor postgres" >&2; exit 2 ;;
esac

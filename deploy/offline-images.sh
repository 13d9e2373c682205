#!/usr/bin/env bash
# For a machine that can reach Debian's packages but no image registry: makes the two images that
# docker-compose.yml would pull, debian:bookworm-slim (with debootstrap) and a stand-in for
# postgres:15-bookworm (deploy/offline/). Needs root, debootstrap and a docker engine. An image
# that is there already is left alone, but for an older stand-in.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
SECURITY=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}

have() {
    docker image inspect "$1" >/dev/null 2>&1 && say "$1 is there already"
}

is_stand_in() {
    docker image inspect --format '{{.Config.Labels.description}}' postgres:15-bookworm 2>/dev/null |
        grep -q '^stand-in '
}

sources() {
    echo "deb $MIRROR bookworm main"
    echo "deb $MIRROR bookworm-updates main"
    echo "deb $SECURITY bookworm-security main"
}

make_debian() {
    local folder
    folder=$(mktemp -d /var/tmp/depot-image.XXXXXX)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$folder'" EXIT
    debootstrap --variant=minbase bookworm "$folder" "$MIRROR" >"$folder.log" 2>&1 || {
        tail -n 5 "$folder.log" >&2
        fail "debootstrap failed; its log is $folder.log"
    }
    sources >"$folder/etc/apt/sources.list"
    rm -rf "$folder.log" "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*
    tar -C "$folder" -c . | docker import --change 'CMD ["bash"]' - debian:bookworm-slim >/dev/null
    say "made debian:bookworm-slim"
}

make_postgres() {
    docker build -q -t postgres:15-bookworm -f "$ROOT/deploy/offline/Dockerfile.postgres" "$ROOT"
    say "made a stand-in for postgres:15-bookworm"
}

am_root || fail "debootstrap needs root"
command -v debootstrap >/dev/null || fail "debootstrap is not installed"
docker info >/dev/null 2>&1 || fail "no docker engine answers"
have debian:bookworm-slim || make_debian
if is_stand_in || ! have postgres:15-bookworm; then make_postgres; fi

#!/usr/bin/env bash
# Installs the packages that are missing: deps.sh GROUP...
#   runtime   what the programs load     build  what compiles them    database  PostgreSQL
#   client    psql and its like
#   test      what the tests need        lint   what `make lint` calls
#   coverage  what `make coverage` calls   node     nodejs and npm   browser  Chromium
#   fuzz      what `make fuzz` calls     bench  what `make bench` calls    certs  openssl
# With --print the packages of the groups are only listed. Nothing missing: no network, no root.
# Group test also installs the npm packages of tests/npm, as its lock file says and without running
# their scripts; nodejs and npm are Debian's unless there are others already.
set -euo pipefail

packages() {
    case $1 in
    runtime) echo libnng1 libpq5 libprotobuf-c1 libsodium23 zlib1g ;;
    build) echo cmake gcc libc6-dev libnng-dev libpq-dev libprotobuf-c-dev libprotobuf-dev \
        libsodium-dev ninja-build node-llhttp pkg-config protobuf-c-compiler protobuf-compiler zlib1g-dev ;;
    client) echo postgresql-client-15 ;;
    database) echo postgresql-15 && packages client ;;
    run) echo ca-certificates curl && packages build && packages database ;;
    test) echo libcriterion-dev libcurl4-openssl-dev libjansson-dev libnanomsg-dev openssl &&
        packages node && packages run ;;
    browser) command -v chromium >/dev/null || echo chromium ;;
    node) { command -v node && command -v npm; } >/dev/null || echo nodejs npm ;;
    lint) echo clang-format clang-tidy shellcheck ;;
    coverage) echo gcovr && packages test ;;
    fuzz) echo clang libclang-rt-14-dev libjansson-dev && packages build ;;
    certs) echo openssl ;;
    bench) echo wrk && packages run ;;
    *) echo "deps.sh: there is no group \"$1\"" >&2 && return 1 ;;
    esac
}

# Prints those of the packages that are not installed.
missing() {
    local installed package
    installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        awk '$2 == "installed" { print $1 }') || true
    for package in "$@"; do
        grep -qxF -- "$package" <<<"$installed" || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

apt() {
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# Old package lists name files that are gone: only then is it worth fetching new ones.
install_packages() {
    local log ended=0
    log=$(mktemp)
    if ! apt-cache show "$@" >/dev/null 2>&1 ||
        ! apt install -y --no-install-recommends "$@" >"$log" 2>&1; then
        { apt update && apt install -y --no-install-recommends "$@"; } >"$log" 2>&1 || ended=$?
    fi
    [ "$ended" -eq 0 ] || {
        cat "$log" >&2
        echo "deps.sh: apt-get could not install the packages above" >&2
    }
    rm -f "$log"
    return "$ended"
}

# Debian's package makes and starts a cluster of its own unless told not to. Ours are private, so
# it is told not to for the time of this installation.
without_main_cluster() {
    local drop_in=/etc/postgresql-common/createcluster.d/depot.conf ended=0
    as_root mkdir -p "${drop_in%/*}"
    echo 'create_main_cluster = false' | as_root tee "$drop_in" >/dev/null
    "$@" || ended=$?
    as_root rm -f "$drop_in"
    return "$ended"
}

# The npm packages of tests/npm, when its lock file is not the one that was installed last.
install_npm_packages() {
    local folder=${BASH_SOURCE[0]%/*}/../tests/npm log
    cd "$folder"
    exec 8>.lock && flock 8
    ! cmp -s package-lock.json node_modules/.installed-lock.json || return 0
    echo "Installing the npm packages of tests/npm"
    log=$(mktemp)
    # An interrupted installation leaves no mark, so the next run does it again.
    npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1 </dev/null || {
        cat "$log" >&2
        echo "deps.sh: npm could not install the packages of tests/npm" >&2
        rm -f "$log"
        return 1
    }
    rm -f "$log"
    cp package-lock.json node_modules/.installed-lock.json
}

install_debian_packages() {
    local wanted=("$@") lacking=()
    command -v dpkg-query >/dev/null || {
        echo "deps.sh: this is no Debian; install by hand what corresponds to: ${wanted[*]}" >&2
        return 1
    }
    mapfile -t lacking < <(missing "${wanted[@]}")
    [ "${#lacking[@]}" -gt 0 ] || return 0
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || {
        echo "deps.sh: neither root nor sudo here; have somebody install: ${lacking[*]}" >&2
        return 1
    }
    echo "Installing ${#lacking[@]} Debian packages: ${lacking[*]}"
    case " ${lacking[*]} " in
    *" postgresql-15 "*) without_main_cluster install_packages "${lacking[@]}" ;;
    *) install_packages "${lacking[@]}" ;;
    esac
}

main() {
    local print=no groups wanted=()
    [ "${1:-}" != --print ] || { print=yes && shift; }
    groups=$(for group in "$@"; do packages "$group"; done)
    mapfile -t wanted < <(tr ' ' '\n' <<<"$groups" | sort -u)
    [ "$print" = no ] || { printf '%s\n' "${wanted[@]}" && return; }
    install_debian_packages "${wanted[@]}"
    case " $* " in
    *" test "* | *" coverage "*) install_npm_packages ;;
    esac
}

main "$@"

# shellcheck shell=bash
# A private PostgreSQL cluster in one folder: for `make run`, for the tests, and for operators'
# commands while nothing runs. Sourced after common.sh.
#
#     cluster_open FOLDER          makes the cluster unless it is there; then this shell holds it
#     cluster_start LOG [OPTION..] starts it; CLUSTER_URL says where it listens
#     cluster_launch LOG [OPTION..] the same without waiting until it accepts connections
#     cluster_url ROLE             prints where it listens, for that role
#     cluster_ended                says that it has ended by itself
#     cluster_stop                 stops it and removes the runtime folder
#
# Two things decide its shape. PostgreSQL refuses to run as root, and the user that it runs as
# instead may not even be allowed to walk to the folder (root's home has mode 0700). So the shell
# opens the data folder and PostgreSQL gets it as an inherited descriptor: /proc/self/fd/8 needs
# no way there. And a socket's path may have 107 bytes, so the socket lives in a short folder of
# its own, which only the cluster's user can enter: whoever gets there is let in without password.

CLUSTER_FOLDER=
CLUSTER_RUN=
CLUSTER_PID=
CLUSTER_AS=() # how to become the cluster's user
CLUSTER_BIN=
CLUSTER_PORT=5432 # a part of the socket's name, and the TCP port if it listens on one
CLUSTER_URL=

# The programs of the version that made the folder, else of the newest that is installed.
cluster_find_programs() {
    local version='*' found
    [ ! -f "$CLUSTER_FOLDER/PG_VERSION" ] || version=$(<"$CLUSTER_FOLDER/PG_VERSION")
    found=$(compgen -G "/usr/lib/postgresql/$version/bin/postgres" | sort -V | tail -n 1) || true
    [ -n "$found" ] || fail "no PostgreSQL${version#\*} for $CLUSTER_FOLDER; \`make deps\` installs one"
    CLUSTER_BIN=${found%/postgres}
}

# Whom PostgreSQL runs as: the folder's owner, or for a new one of root's, `postgres`.
cluster_choose_user() {
    local owner group
    owner=$(stat -c %u "$CLUSTER_FOLDER") group=$(stat -c %g "$CLUSTER_FOLDER")
    if ! am_root; then
        [ "$owner" -eq "$(id -u)" ] || fail "$CLUSTER_FOLDER belongs to user" \
            "$(stat -c %U "$CLUSTER_FOLDER"); run as root, or choose another DEPOT_HOME"
        CLUSTER_AS=()
        return
    fi
    if [ "$owner" -eq 0 ]; then
        owner=$(id -u postgres 2>/dev/null || id -u nobody)
        group=$(id -g postgres 2>/dev/null || id -g nobody)
        chown "$owner:$group" "$CLUSTER_FOLDER"
    fi
    CLUSTER_AS=(setpriv "--reuid=$owner" "--regid=$group" --clear-groups --no-new-privs)
}

# cluster_run COMMAND...: as the cluster's user, from a folder that everybody can enter.
cluster_run() {
    (cd / && exec env -u PGDATA LC_ALL=C.UTF-8 ${CLUSTER_AS[@]+"${CLUSTER_AS[@]}"} "$@")
}

cluster_hold() {
    CLUSTER_FOLDER=$1
    cluster_choose_user
    cluster_find_programs
    chmod 700 "$CLUSTER_FOLDER"
    exec 8<"$CLUSTER_FOLDER"
}

cluster_initdb() {
    cluster_run "$CLUSTER_BIN/initdb" -D "/proc/self/fd/8" -U depot -E UTF8 \
        --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256 &&
        cluster_run "$CLUSTER_BIN/postgres" --single -D "/proc/self/fd/8" postgres \
            <<<'CREATE DATABASE depot'
}

# A new cluster gets its name last, so that a half-made one is never taken for one.
cluster_open() {
    local folder=$1 output
    if [ ! -d "$folder" ]; then
        rm -rf "$folder.new"
        mkdir -p "$folder.new"
        cluster_hold "$folder.new"
        output=$(cluster_initdb 2>&1) || {
            printf '%s\n' "$output" >&2
            fail "initdb could not make a cluster in $folder"
        }
        mv -T "$folder.new" "$folder"
    fi
    cluster_hold "$folder"
    cluster_clear
}

# Prints the oldest PostgreSQL process that works in the folder, if there is one.
cluster_process() {
    local process
    for process in $(compgen -G '/proc/[0-9]*' | sort -V); do
        if [ "$process/cwd" -ef "$CLUSTER_FOLDER" ] &&
            [ "$(cat "$process/comm" 2>/dev/null)" = postgres ]; then
            echo "${process#/proc/}"
            break
        fi
    done
}

# Ends what a killed run has left, and its lock file: the caller holds the only right to the
# folder. A lock file's number may by now be somebody else's, which PostgreSQL would respect.
cluster_clear() {
    local pid tries
    for ((tries = 0; tries < 300; tries++)); do
        pid=$(cluster_process)
        [ -n "$pid" ] || break
        [ "$tries" -gt 0 ] || complain "stopping what an earlier run has left in $CLUSTER_FOLDER"
        kill -INT "$pid" 2>/dev/null || true
        nap 0.1
    done
    [ -z "$pid" ] || fail "process $pid works in $CLUSTER_FOLDER and does not end"
    rm -f "$CLUSTER_FOLDER/postmaster.pid"
}

# Where the socket lives; removed by cluster_stop.
cluster_make_runtime_folder() {
    local base=/tmp
    if ! am_root && [ -w "${XDG_RUNTIME_DIR:-}" ] && [ "${#XDG_RUNTIME_DIR}" -le 60 ]; then
        base=$XDG_RUNTIME_DIR
    fi
    CLUSTER_RUN=$(mktemp -d "$base/depot.XXXXXX")
    ! am_root || chown "$(stat -c %u:%g "$CLUSTER_FOLDER")" "$CLUSTER_RUN"
}

# Becomes the server (exec): INT, a fast shutdown, also when the shell that started it is gone.
cluster_exec() {
    cd /
    exec env -u PGDATA LC_ALL=C.UTF-8 setsid ${CLUSTER_AS[@]+"${CLUSTER_AS[@]}"} \
        setpriv --pdeathsig INT "$CLUSTER_BIN/postgres" -D "/proc/self/fd/8" \
        -c cluster_name=depot -c unix_socket_directories="$CLUSTER_RUN" -c port="$CLUSTER_PORT" \
        -c listen_addresses= "$@"
}

cluster_launch() {
    local log=$1
    shift
    [ -n "$CLUSTER_RUN" ] || cluster_make_runtime_folder
    # shellcheck disable=SC2034 # for those who source this
    CLUSTER_URL="postgresql:///depot?host=$CLUSTER_RUN&port=$CLUSTER_PORT&user=depot"
    cluster_exec "$@" >>"$log" 2>&1 </dev/null 9>&- &
    CLUSTER_PID=$!
}

cluster_start() {
    local tries
    cluster_launch "$@"
    for ((tries = 0; tries < 600; tries++)); do
        ! cluster_accepts || return 0
        kill -0 "$CLUSTER_PID" 2>/dev/null || {
            cluster_ended
            break
        }
        nap 0.1
    done
    complain "PostgreSQL did not start; the end of $1:"
    tail -n 3 "$1" >&2
    return 1
}

# For who has seen the server's end: its number may soon be somebody else's.
cluster_ended() {
    CLUSTER_PID=
}

cluster_accepts() {
    "$CLUSTER_BIN/pg_isready" -q -h "$CLUSTER_RUN" -p "$CLUSTER_PORT" -U depot -d depot
}

cluster_url() {
    echo "${CLUSTER_URL%user=*}user=$1"
}

# Fast: sessions are ended, nothing acknowledged is lost.
cluster_stop() {
    if [ -n "$CLUSTER_PID" ]; then
        kill -INT "$CLUSTER_PID" 2>/dev/null || true
        while kill -0 "$CLUSTER_PID" 2>/dev/null; do
            wait "$CLUSTER_PID" 2>/dev/null || true
        done
        cluster_ended
    fi
    [ -z "$CLUSTER_RUN" ] || rm -rf "$CLUSTER_RUN"
    CLUSTER_RUN=
}

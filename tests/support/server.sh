#!/usr/bin/env bash
# Becomes a PostgreSQL server of one test's own: server.sh DATA-FOLDER SOCKET-FOLDER. The data are
# kept from one start to the next; whatever an earlier server left is cleared away.
# shellcheck source=deploy/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/common.sh"
# shellcheck source=deploy/cluster.sh
. "$ROOT/deploy/cluster.sh"

cluster_open "$1"
mkdir -p "$2"
! am_root || chown "$(stat -c %u:%g "$CLUSTER_FOLDER")" "$2"
CLUSTER_RUN=$2
cluster_exec -c shared_buffers=16MB "${@:3}"

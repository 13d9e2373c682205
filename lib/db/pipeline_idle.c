/* What can be known of a connection at rest without asking the server. */
#include <errno.h>
#include <libpq-fe.h>
#include <sys/socket.h>

#include "db/conn_pg.h"
#include "db/pipeline.h"

/*
 * An idle server says nothing, save notices: bytes are one or a farewell, which the end of the
 * stream follows.
 */
bool
db_pipeline_alive(struct db_conn *conn)
{
    PGconn *pg = db_conn_pg(conn);

    for (;;) {
        char byte;
        ssize_t n = recv(PQsocket(pg), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        }
        if (PQconsumeInput(pg) == 0 || PQisBusy(pg) || PQstatus(pg) != CONNECTION_OK) {
            return false;
        }
    }
}

int
db_pipeline_fd(const struct db_conn *conn)
{
    return PQsocket(db_conn_pg(conn));
}

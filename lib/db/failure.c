#include <stddef.h>
#include <string.h>

#include "db/conn.h"

/* SQLSTATEs by what they begin with: a whole code, or a class of two. The first match counts. */
static const struct {
    const char *prefix;
    enum db_failure failure;
} table[] = {
    {"00", DB_FAILURE_NONE},           /* successful completion */
    {"01", DB_FAILURE_NONE},           /* warning */
    {"02", DB_FAILURE_NONE},           /* no data */
    {"40P01", DB_FAILURE_RETRY},       /* deadlock_detected */
    {"40001", DB_FAILURE_RETRY},       /* serialization_failure */
    {"57014", DB_FAILURE_TIMEOUT},     /* query_canceled: statement_timeout */
    {"55P03", DB_FAILURE_TIMEOUT},     /* lock_not_available: lock_timeout */
    {"08", DB_FAILURE_UNAVAILABLE},    /* connection exception */
    {"53", DB_FAILURE_UNAVAILABLE},    /* no connections, memory or disk left */
    {"57P", DB_FAILURE_UNAVAILABLE},   /* shutting down, starting up, crashed */
    {"25P03", DB_FAILURE_UNAVAILABLE}, /* idle_in_transaction_session_timeout: session is gone */
    {"25006", DB_FAILURE_UNAVAILABLE}, /* read_only_sql_transaction: a standby not yet promoted */
    {"28", DB_FAILURE_FATAL},          /* invalid authorization */
    {"3D", DB_FAILURE_FATAL},          /* no such database */
};

enum db_failure
db_failure_of(const char *sqlstate)
{
    if (sqlstate == NULL || sqlstate[0] == '\0') {
        return DB_FAILURE_UNAVAILABLE;
    }
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strncmp(sqlstate, table[i].prefix, strlen(table[i].prefix)) == 0) {
            return table[i].failure;
        }
    }
    return DB_FAILURE_BUG;
}

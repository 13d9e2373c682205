#include "service/platform.h"

/* A function of the rows of an array is called in the array's order; void is never NULL, so that
 * no row is answered. */
static const struct db_statement statements[] = {
    {.name = PLATFORM_TIMEOUT, .sql = "SELECT set_config('statement_timeout', $1::text, false)"},
    /* The server keeps 63 characters: the service's name is cut, never the trace. */
    {.name = PLATFORM_TRACE,
     .sql = "SELECT set_config('application_name', "
            "left(current_setting('application_name'), 30) || ' ' || $1::text, true)"},
    {.name = PLATFORM_LOCK,
     .sql = "SELECT FROM unnest($1::int8[]) AS wanted(key) "
            "WHERE pg_advisory_xact_lock(wanted.key) IS NULL"},
    {.name = PLATFORM_CLAIM,
     .sql = "SELECT pg_try_advisory_xact_lock(wanted.key) AS claimed "
            "FROM unnest($1::int8[]) AS wanted(key)"},
    {.name = PLATFORM_LOOKUP,
     .sql = "SELECT wanted.number, found.fingerprint, found.reply "
            "FROM unnest($1::bytea[]) WITH ORDINALITY AS wanted(scope, number) "
            "CROSS JOIN LATERAL ("
            "    SELECT fingerprint, reply FROM depot_idempotency_key AS kept "
            "    WHERE kept.scope = wanted.scope AND kept.expire_time > now() LIMIT 1"
            ") AS found"},
    /* Whoever has claimed a scope is alone with it: a record in the way has expired. */
    {.name = PLATFORM_RECORD,
     .sql = "INSERT INTO depot_idempotency_key (scope, fingerprint, reply) "
            "SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) "
            "ON CONFLICT (scope) DO UPDATE SET fingerprint = excluded.fingerprint, "
            "reply = excluded.reply, create_time = excluded.create_time, "
            "expire_time = excluded.expire_time"},
    /* Skips what is locked: it waits for nobody, so nobody can be in a deadlock with it. */
    {.name = PLATFORM_PRUNE,
     .sql = "WITH gone AS ("
            "    DELETE FROM depot_idempotency_key WHERE scope = ANY(ARRAY("
            "        SELECT scope FROM depot_idempotency_key WHERE expire_time <= now() "
            "        ORDER BY expire_time LIMIT $1::int8 FOR UPDATE SKIP LOCKED"
            "    )) RETURNING 1"
            ") SELECT count(*) AS n FROM gone"},
    {.name = PLATFORM_PING, .sql = "SELECT 1 AS one"},
};

const struct db_query platform_queries[] = {
    {.name = "platform",
     .statements = statements,
     .n_statements = sizeof(statements) / sizeof(statements[0])},
};

const size_t platform_n_queries = sizeof(platform_queries) / sizeof(platform_queries[0]);

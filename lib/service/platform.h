/*
 * The platform's own statements, prepared beside a service's. Their values are sent in binary
 * format.
 */
#ifndef DEPOT_SERVICE_PLATFORM_H
#define DEPOT_SERVICE_PLATFORM_H

#include "db/query.h"

extern const struct db_query platform_queries[];
extern const size_t platform_n_queries;

/* (text): the session's statement_timeout from the next statement on, unless it is rolled back. */
#define PLATFORM_TIMEOUT "depot_timeout"

/* (text): the transaction's application_name with this behind it. */
#define PLATFORM_TRACE "depot_trace"

/* (int8[]): takes the transaction's locks, in the order of the array. */
#define PLATFORM_LOCK "depot_lock"

/* (int8[]) -> claimed, a row for each in order: locks that nobody waits for. */
#define PLATFORM_CLAIM "depot_claim"

/* (bytea[]) -> number, fingerprint, reply: the records there are, numbered from 1 in the array. */
#define PLATFORM_LOOKUP "depot_lookup"

/* (bytea[], bytea[], bytea[]): scopes, fingerprints and replies to keep. */
#define PLATFORM_RECORD "depot_record"

/* (int8) -> n: removes at most so many expired records. */
#define PLATFORM_PRUNE "depot_prune"

/* () -> one. */
#define PLATFORM_PING "depot_ping"

#endif

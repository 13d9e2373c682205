/* Log lines of calls: one where each ends, and what clients are not told. */
#ifndef DEPOT_SERVICE_CALL_LOG_H
#define DEPOT_SERVICE_CALL_LOG_H

#include "db/pipeline.h"
#include "service/job.h"

/* How a call ended. */
void call_log_end(const struct job *job, int64_t start_us);

/* How a call ended that was refused before anything was tried. */
void call_log_refused(const struct rpc_served *served);

/* The error behind an INTERNAL_ERROR, under the request's id. */
void call_log_bug(const struct job *job, const struct db_problem *problem);

/* A failure of the database that ended `n` calls. */
void call_log_problem(const struct db_problem *problem, size_t n);

#endif

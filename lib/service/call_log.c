#include "service/call_log.h"

#include "base/clock.h"
#include "base/log.h"
#include "depot/auth/v1/authority.schema.h"
#include "service/trace.h"

/* Every process asks several times a second, and nobody behind it wants anything. */
static bool
is_routine(const struct rpc_served *served)
{
    return served->method == &depot__auth__v1__authority__pull_authority__method &&
           served->status == STATUS_OK;
}

/* False if nobody wants it. */
static bool
begin(struct log_line *line, const struct rpc_served *served, int64_t duration_us)
{
    log_begin(line, is_routine(served) ? LOG_DEBUG : LOG_INFO, "call");
    if (!line->wanted) {
        return false;
    }
    log_str(line, "requestId", served->call.request_id);
    if (trace_valid(served->call.traceparent)) {
        log_str(line, "traceparent", served->call.traceparent);
    }
    log_str(line, "method", served->method == NULL ? "" : served->method->name);
    log_str(line, "code", status_name(served->status));
    if (served->call.problem.reason != NULL) {
        log_str(line, "reason", served->call.problem.reason->name);
    }
    log_int(line, "durationUs", duration_us);
    log_str(line, "principal", served->call.principal);
    return true;
}

void
call_log_end(const struct job *job, int64_t start_us)
{
    struct log_line line;

    if (begin(&line, job->served, clock_us() - start_us)) {
        log_int(&line, "batch", (int64_t)job->n_together);
        log_end(&line);
    }
}

void
call_log_refused(const struct rpc_served *served)
{
    struct log_line line;

    if (begin(&line, served, 0)) {
        log_int(&line, "batch", 0);
        log_end(&line);
    }
}

/* A job may fail before it was asked. */
static const struct db_query *
query_of(const struct job *job)
{
    return job->asked ? job->params.query : job->method->handler->query;
}

/* The name of the statement that failed, as the handler's query has it. */
static const char *
statement_name(const struct job *job, const struct db_problem *problem)
{
    const struct db_query *query = query_of(job);
    size_t index = problem->statement - job->first_statement;

    if (problem->statement == DB_AT_COMMIT) {
        return "commit";
    }
    if (problem->statement < job->first_statement || index >= query->n_statements) {
        return "platform";
    }
    return query->statements[index].name;
}

void
call_log_bug(const struct job *job, const struct db_problem *problem)
{
    struct log_line line;

    log_begin(&line, LOG_ERROR, "query_failed");
    log_str(&line, "requestId", job->served->call.request_id);
    log_str(&line, "method", job->served->method->name);
    log_str(&line, "query", query_of(job)->name);
    log_str(&line, "statement", statement_name(job, problem));
    log_str(&line, "sqlstate", problem->sqlstate);
    log_str(&line, "message", problem->text);
    log_end(&line);
}

void
call_log_problem(const struct db_problem *problem, size_t n)
{
    struct log_line line;

    log_begin(&line, LOG_WARN, "database_failed");
    log_str(&line, "sqlstate", problem->sqlstate);
    log_str(&line, "message", problem->text);
    log_int(&line, "calls", (int64_t)n);
    log_end(&line);
}

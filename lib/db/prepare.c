#include "db/prepare.h"

#include "base/clock.h"
#include "base/limits.h"
#include "db/pipeline.h"

/*
 * Plans are made once and kept. One that was made while a table was empty would read the whole
 * table for ever after; with this no table is read whole that has an index for the purpose. What
 * has none looks so dear then that it would be compiled, which takes longer than any query of ours.
 */
static const char *const planner_settings[] = {
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_seqscan = off",
    "SET jit = off",
};

enum { N_SETTINGS = sizeof(planner_settings) / sizeof(planner_settings[0]) };

/* The statement with this number, counted over all queries. */
static const struct db_statement *
statement_at(const struct db_query *const *queries, size_t n_queries, size_t number)
{
    for (size_t i = 0; i < n_queries; i++) {
        if (number < queries[i]->n_statements) {
            return &queries[i]->statements[number];
        }
        number -= queries[i]->n_statements;
    }
    return NULL;
}

static enum status
explain(const struct db_problem *problem, const struct db_statement *statement, struct error *error)
{
    if (problem->lost || problem->failure == DB_FAILURE_UNAVAILABLE || statement == NULL) {
        return error_set(error, STATUS_UNAVAILABLE, "while preparing statements: %s",
                         problem->text);
    }
    return error_set(error, STATUS_FAILED_PRECONDITION,
                     "the query %s does not fit the schema: %s (%s)", statement->name,
                     problem->text, problem->sqlstate);
}

enum status
db_prepare(struct db_conn *conn, const struct db_query *const *queries, size_t n_queries,
           struct error *error)
{
    struct db_pipeline pipeline;
    enum status status = STATUS_OK;

    db_pipeline_init(&pipeline);
    db_pipeline_begin(&pipeline, conn);
    for (size_t i = 0; i < N_SETTINGS; i++) {
        db_pipeline_text(&pipeline, planner_settings[i]);
    }
    for (size_t i = 0; i < n_queries; i++) {
        for (size_t j = 0; j < queries[i]->n_statements; j++) {
            db_pipeline_prepare(&pipeline, &queries[i]->statements[j]);
        }
    }
    if (!db_pipeline_sync(&pipeline, clock_us() + (int64_t)LIMIT_DB_CONNECT_MS * 1000)) {
        status = explain(&pipeline.problem,
                         statement_at(queries, n_queries, pipeline.problem.statement - N_SETTINGS),
                         error);
    }
    db_pipeline_fini(&pipeline);
    return status;
}

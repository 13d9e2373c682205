#include "service/executor.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/log.h"
#include "service/call_log.h"
#include "service/guard.h"
#include "service/keeper.h"
#include "service/worker.h"

struct executor {
    struct plan plan;
    struct keeper *keeper;
    struct guard *guard;
    unsigned workers;
    bool log_calls;
};

enum status
executor_open(const struct executor_options *options, struct db_conn *first,
              struct executor **executor, struct error *error)
{
    struct executor *self = calloc(1, sizeof(*self));
    struct keeper_options keeping = {.db = options->db, .workers = options->workers};
    enum status status;

    ASSERT(self != NULL);
    plan_init(&self->plan, options->service);
    self->log_calls = options->log_calls;
    self->guard = options->guard;
    self->workers = options->workers;
    keeping.plan = &self->plan;
    status = keeper_open(&keeping, first, &self->keeper, error);
    if (status != STATUS_OK) {
        plan_fini(&self->plan);
        free(self);
        return status;
    }
    *executor = self;
    return STATUS_OK;
}

void
executor_close(struct executor *self)
{
    keeper_close(self->keeper);
    plan_fini(&self->plan);
    free(self);
}

static void *
open_worker(void *closure, unsigned index)
{
    struct executor *self = closure;

    return worker_new(&self->plan, self->keeper, index, self->log_calls && index < self->workers);
}

static void
close_worker(void *worker)
{
    worker_free(worker);
}

static void
execute(void *worker, struct rpc_served *const *calls, size_t n_calls)
{
    worker_execute(worker, calls, n_calls);
}

/* Who was not let in stands nowhere else. */
static bool
was_let_in(const struct rpc_served *served)
{
    return served->status != STATUS_UNAUTHENTICATED && served->status != STATUS_PERMISSION_DENIED;
}

static void
note_refused(void *closure, const struct rpc_served *served)
{
    const struct executor *self = closure;

    if (self->log_calls || !was_let_in(served)) {
        call_log_refused(served);
        log_flush();
    }
}

static bool
is_ready(void *closure, const char **why)
{
    struct executor *self = closure;

    return keeper_ready(self->keeper, why) &&
           (self->guard == NULL || guard_ready(self->guard, why));
}

static enum status
authorise(void *closure, struct rpc_served *served, const char *token)
{
    const struct executor *self = closure;

    return guard_check(self->guard, served, token);
}

struct rpc_executor
executor_callbacks(struct executor *self)
{
    return (struct rpc_executor){
        .closure = self,
        .worker_open = open_worker,
        .execute = execute,
        .worker_close = close_worker,
        .refused = note_refused,
        .ready = is_ready,
        .authorise = self->guard == NULL ? NULL : authorise,
    };
}

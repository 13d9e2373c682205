#include "base/call.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"

void
call_init(struct call *self, struct arena *arena)
{
    *self = (struct call){
        .arena = arena,
        .deadline_us = INT64_MAX,
        .caller = {.id = "", .name = "", .session = "", .scope = ""},
        .client_address = "",
        .principal = "",
        .request_id = "",
        .traceparent = "",
        .idempotency_key = "",
    };
}

enum status
call_fail(struct call *self, const struct reason *reason, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    self->problem.detail = arena_vprintf(self->arena, format, args);
    va_end(args);
    if (self->problem.detail == NULL) {
        self->problem.detail = reason->title;
    }
    self->problem.reason = reason;
    return reason->code;
}

void
call_violation(struct call *self, const struct reason *reason, const char *field,
               const char *format, ...)
{
    struct problem *problem = &self->problem;
    struct violation *violation;
    va_list args;

    if (problem->n_violations >= LIMIT_VIOLATIONS) {
        return;
    }
    violation = arena_alloc(self->arena, sizeof(*violation));
    if (violation == NULL) {
        problem->lost = reason;
        return;
    }
    va_start(args, format);
    *violation = (struct violation){
        .field = arena_strdup(self->arena, field),
        .reason = reason,
        .detail = arena_vprintf(self->arena, format, args),
    };
    va_end(args);
    if (violation->field == NULL || violation->detail == NULL) {
        problem->lost = reason;
        return;
    }
    if (problem->violations_end == NULL) {
        problem->violations_end = &problem->violations;
    }
    *problem->violations_end = violation;
    problem->violations_end = &violation->next;
    problem->n_violations++;
}

void
call_drop_violations(struct call *self)
{
    self->problem.violations = NULL;
    self->problem.violations_end = NULL;
    self->problem.n_violations = 0;
    self->problem.lost = NULL;
}

enum status
call_invalid(struct call *self, const struct reason *mixed)
{
    const struct violation *first = self->problem.violations;
    const struct reason *reason;

    if (first == NULL) {
        const struct reason *lost = self->problem.lost;

        return lost == NULL ? STATUS_OK : call_fail(self, lost, "%s", lost->title);
    }
    reason = first->reason;
    for (const struct violation *v = first; v != NULL; v = v->next) {
        if (v->reason->code != STATUS_INVALID_ARGUMENT) {
            call_drop_violations(self);
            return call_fail(self, v->reason, "%s", v->detail);
        }
        if (v->reason != reason) {
            reason = mixed;
        }
    }
    if (self->problem.n_violations == 1) {
        return call_fail(self, reason, "%s", first->detail);
    }
    if (self->problem.n_violations == LIMIT_VIOLATIONS) {
        return call_fail(self, reason,
                         "Many things are wrong with the request; `errors` lists the first %d.",
                         LIMIT_VIOLATIONS);
    }
    return call_fail(self, reason, "%zu things are wrong with the request; `errors` lists them.",
                     self->problem.n_violations);
}

void
call_extra(struct call *self, const struct pb_message *schema, const void *message)
{
    self->problem.extra_schema = schema;
    self->problem.extra = message;
}

int32_t
call_remaining_ms(const struct call *self)
{
    int64_t now_us, left_us;

    if (self->deadline_us == INT64_MAX) {
        return INT32_MAX;
    }
    now_us = clock_us();
    if (self->deadline_us <= now_us) {
        return 0;
    }
    left_us = self->deadline_us - now_us;
    return left_us / 1000 >= INT32_MAX ? INT32_MAX - 1 : (int32_t)(left_us / 1000);
}

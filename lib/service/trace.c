#include "service/trace.h"

#include <string.h>

#include "service/platform.h"

/* 00-TRACE-SPAN-FLAGS */
enum { TRACE_AT = 3, TRACE_BYTES = 32, SPAN_AT = 36, FLAGS_AT = 53, ALL_BYTES = 55 };

static bool
is_hex(const char *text, size_t bytes)
{
    return strspn(text, "0123456789abcdef") >= bytes;
}

bool
trace_valid(const char *traceparent)
{
    return strnlen(traceparent, ALL_BYTES + 1) == ALL_BYTES &&
           memcmp(traceparent, "00-", TRACE_AT) == 0 &&
           is_hex(traceparent + TRACE_AT, TRACE_BYTES) && traceparent[SPAN_AT - 1] == '-' &&
           is_hex(traceparent + SPAN_AT, FLAGS_AT - SPAN_AT - 1) &&
           traceparent[FLAGS_AT - 1] == '-' && is_hex(traceparent + FLAGS_AT, 2);
}

/* The lowest bit of the flags. */
static bool
is_sampled(const char *traceparent)
{
    return strchr("13579bdf", traceparent[FLAGS_AT + 1]) != NULL;
}

void
trace_name(struct db_pipeline *pipeline, struct job *const *jobs, size_t n_jobs)
{
    for (size_t i = 0; i < n_jobs; i++) {
        const char *traceparent = jobs[i]->served->call.traceparent;

        if (traceparent[0] != '\0' && trace_valid(traceparent) && is_sampled(traceparent)) {
            db_pipeline_binary(pipeline, PLATFORM_TRACE,
                               (struct db_bytes[]){{traceparent + TRACE_AT, TRACE_BYTES}}, 1);
            return;
        }
    }
}

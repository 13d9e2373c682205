/*
 * Who looks at a running statement finds the trace that it belongs to: W3C Trace Context, level 1.
 */
#ifndef DEPOT_SERVICE_TRACE_H
#define DEPOT_SERVICE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "db/pipeline.h"
#include "service/job.h"

/* Whether it is a traceparent; callers may have sent anything. */
bool trace_valid(const char *traceparent);

/*
 * Names the transaction that begins after the first trace that is sampled: `application_name` gets
 * the trace's id behind it until the transaction ends. Nothing is sent when none is.
 */
void trace_name(struct db_pipeline *pipeline, struct job *const *jobs, size_t n_jobs);

#endif

#include "metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"

/* Upper bounds in microseconds: a point read is below a millisecond, the deadline 5 seconds. */
static const int64_t bounds_us[METRICS_BUCKETS] = {
    250,   500,    1000,   2500,   5000,    10000,   25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
};

static size_t
count_methods(const struct http_contract *contract)
{
    size_t n = 0;

    for (size_t i = 0; contract->services[i] != NULL; i++) {
        n += contract->services[i]->n_methods;
    }
    return n;
}

static void
name_methods(struct metrics *self)
{
    const struct pb_service *const *services = self->contract->services;

    for (size_t i = 0; services[i] != NULL; i++) {
        self->first[i] = self->n_rows;
        for (size_t j = 0; j < services[i]->n_methods; j++) {
            self->rows[self->n_rows].service = services[i]->short_name;
            self->rows[self->n_rows++].method = services[i]->methods[j]->name;
        }
    }
}

void
metrics_open(struct metrics *self, const struct http_contract *contract, const char *const *own)
{
    size_t n_services = 0;
    size_t n_own = 0;

    while (contract->services[n_services] != NULL) {
        n_services++;
    }
    while (own[n_own] != NULL) {
        n_own++;
    }
    *self = (struct metrics){.contract = contract, .started_wall_us = clock_wall_us()};
    self->rows = calloc(count_methods(contract) + n_own + 1, sizeof(*self->rows));
    self->first = calloc(n_services + 1, sizeof(*self->first));
    ASSERT(self->rows != NULL && self->first != NULL);
    name_methods(self);
    for (size_t i = 0; i < n_own; i++) {
        self->rows[self->n_rows].service = "gateway";
        self->rows[self->n_rows++].method = own[i];
    }
    self->rows[self->n_rows].service = "gateway";
    self->rows[self->n_rows++].method = "none";
}

void
metrics_close(struct metrics *self)
{
    free(self->rows);
    free(self->first);
}

struct metrics_row *
metrics_method_row(const struct metrics *self, const struct pb_method *method)
{
    size_t i = 0;

    while (self->contract->services[i] != method->service) {
        ASSERT(self->contract->services[i] != NULL);
        i++;
    }
    return &self->rows[self->first[i] + method->index];
}

struct metrics_row *
metrics_own_row(const struct metrics *self, const char *name)
{
    for (size_t i = 0; i < self->n_rows; i++) {
        if (strcmp(self->rows[i].service, "gateway") == 0 &&
            strcmp(self->rows[i].method, name) == 0) {
            return &self->rows[i];
        }
    }
    return metrics_other_row(self);
}

struct metrics_row *
metrics_other_row(const struct metrics *self)
{
    return &self->rows[self->n_rows - 1];
}

void
metrics_count(struct metrics_row *row, int status, int64_t duration_us)
{
    size_t bucket = 0;

    ASSERT(status >= 100 && status < 100 + METRICS_STATUSES);
    while (bucket < METRICS_BUCKETS && duration_us > bounds_us[bucket]) {
        bucket++;
    }
    row->statuses[status - 100]++;
    row->buckets[bucket]++;
    row->sum_us += (uint64_t)duration_us;
    row->count++;
}

static void
write_requests(const struct metrics *self, struct buf *out)
{
    buf_puts(out, "# HELP depot_http_requests_total Requests by method and HTTP status.\n"
                  "# TYPE depot_http_requests_total counter\n");
    for (size_t i = 0; i < self->n_rows; i++) {
        const struct metrics_row *row = &self->rows[i];

        for (int j = 0; j < METRICS_STATUSES && row->count > 0; j++) {
            if (row->statuses[j] > 0) {
                buf_printf(out,
                           "depot_http_requests_total{service=\"%s\",method=\"%s\",code=\"%d\"} "
                           "%llu\n",
                           row->service, row->method, j + 100,
                           (unsigned long long)row->statuses[j]);
            }
        }
    }
}

static void
write_histogram(const struct metrics_row *row, struct buf *out)
{
    static const char name[] = "depot_http_request_duration_seconds";
    unsigned long long sum = 0;

    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        sum += row->buckets[i];
        buf_printf(out, "%s_bucket{service=\"%s\",method=\"%s\",le=\"%g\"} %llu\n", name,
                   row->service, row->method, (double)bounds_us[i] / 1e6, sum);
    }
    buf_printf(out, "%s_bucket{service=\"%s\",method=\"%s\",le=\"+Inf\"} %llu\n", name,
               row->service, row->method, (unsigned long long)row->count);
    buf_printf(out, "%s_sum{service=\"%s\",method=\"%s\"} %.6f\n", name, row->service, row->method,
               (double)row->sum_us / 1e6);
    buf_printf(out, "%s_count{service=\"%s\",method=\"%s\"} %llu\n", name, row->service,
               row->method, (unsigned long long)row->count);
}

static void
write_durations(const struct metrics *self, struct buf *out)
{
    buf_puts(out, "# HELP depot_http_request_duration_seconds From the whole request to its "
                  "answer.\n# TYPE depot_http_request_duration_seconds histogram\n");
    for (size_t i = 0; i < self->n_rows; i++) {
        if (self->rows[i].count > 0) {
            write_histogram(&self->rows[i], out);
        }
    }
}

/* The second number of /proc/self/statm, in bytes; 0 if it cannot be read. */
static unsigned long long
resident_bytes(void)
{
    unsigned long long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (file != NULL) {
        if (fscanf(file, "%llu %llu", &size, &resident) != 2) {
            resident = 0;
        }
        fclose(file);
    }
    return resident * (unsigned long long)sysconf(_SC_PAGESIZE);
}

static unsigned long
open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned long n = 0;

    if (folder == NULL) {
        return 0;
    }
    for (const struct dirent *at = readdir(folder); at != NULL; at = readdir(folder)) {
        n += at->d_name[0] != '.';
    }
    closedir(folder);
    return n - 1; /* the folder's own */
}

static double
cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
write_process(const struct metrics *self, struct buf *out)
{
    buf_printf(out,
               "# HELP process_resident_memory_bytes Resident memory.\n"
               "# TYPE process_resident_memory_bytes gauge\n"
               "process_resident_memory_bytes %llu\n"
               "# HELP process_cpu_seconds_total User and system CPU time.\n"
               "# TYPE process_cpu_seconds_total counter\n"
               "process_cpu_seconds_total %.6f\n"
               "# HELP process_open_fds Open descriptors.\n"
               "# TYPE process_open_fds gauge\n"
               "process_open_fds %lu\n"
               "# HELP process_start_time_seconds When the process started, since 1970.\n"
               "# TYPE process_start_time_seconds gauge\n"
               "process_start_time_seconds %.3f\n"
               "# HELP depot_build_info The version that runs.\n"
               "# TYPE depot_build_info gauge\n"
               "depot_build_info{version=\"%s\"} 1\n",
               resident_bytes(), cpu_seconds(), open_descriptors(),
               (double)self->started_wall_us / 1e6, DEPOT_VERSION);
}

void
metrics_write(const struct metrics *self, struct buf *out)
{
    write_requests(self, out);
    write_durations(self, out);
    buf_printf(out,
               "# HELP depot_http_in_flight Requests that wait for their answer.\n"
               "# TYPE depot_http_in_flight gauge\n"
               "depot_http_in_flight %llu\n"
               "# HELP depot_http_accepted_total Connections accepted.\n"
               "# TYPE depot_http_accepted_total counter\n"
               "depot_http_accepted_total %llu\n"
               "# HELP depot_http_turned_away_total Connections beyond a limit.\n"
               "# TYPE depot_http_turned_away_total counter\n"
               "depot_http_turned_away_total %llu\n",
               (unsigned long long)self->in_flight, (unsigned long long)self->accepted,
               (unsigned long long)self->turned_away);
    write_process(self, out);
}

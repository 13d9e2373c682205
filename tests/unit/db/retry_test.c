/* Connecting again and again. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/conn.h"
#include "support/capture.h"
#include "support/cluster.h"
#include "support/temp.h"

static struct db_options
options_of(const char *url)
{
    return (struct db_options){.url = url, .application_name = "retry_test"};
}

static enum status
retry(const char *url, int max_retry, const atomic_bool *stop, char **log)
{
    struct db_options options = options_of(url);
    struct db_conn *conn = NULL;
    struct capture capture;
    struct error error = {""};
    enum status status;

    capture_begin(&capture);
    status = db_connect_retry(&options, max_retry, stop, &conn, &error);
    *log = capture_end(&capture);
    db_close(conn);
    return status;
}

/* The number of an integer member in each line that has one, up to `max` of them. */
static size_t
members(const char *log, const char *member, int *values, size_t max)
{
    char key[64];
    size_t n = 0;

    snprintf(key, sizeof(key), "\"%s\":", member);
    while ((log = strstr(log, key)) != NULL && n < max) {
        log += strlen(key);
        values[n++] = atoi(log);
    }
    return n;
}

Test(conn, retries_wait_longer_and_longer_and_end)
{
    int waits_ms[8], left[8], attempts[8];
    char *log;

    cr_assert_eq(retry("postgresql://u:hunter2@/d?host=/tmp/no-such-folder", 3, NULL, &log),
                 STATUS_UNAVAILABLE);
    cr_assert_eq(count_lines(log, "database_connect"), 4, "%s", log);
    cr_assert_eq(members(log, "waitMs", waits_ms, 8), 4);
    cr_assert_eq(members(log, "retriesLeft", left, 8), 4);
    cr_assert_eq(members(log, "attempt", attempts, 8), 4);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(attempts[i], i + 1);
        cr_assert_eq(left[i], 3 - i);
        cr_assert_leq(waits_ms[i], i == 3 ? 0 : 100 << i);
    }
    cr_assert_null(strstr(log, "hunter2"), "%s", log);
    free(log);
}

Test(conn, no_retry_means_one_attempt)
{
    char *log;

    cr_assert_eq(retry("postgresql://u@/d?host=/tmp/no-such-folder", 0, NULL, &log),
                 STATUS_UNAVAILABLE);
    cr_assert_eq(count_lines(log, "database_connect"), 1, "%s", log);
    free(log);
}

Test(conn, a_fatal_failure_is_not_tried_again)
{
    struct test_database database = {.name = "postgres"};
    char url[512], *log;

    test_database_tcp_url(&database, test_cluster_user(), "hunter2", url, sizeof(url));
    cr_assert_eq(retry(url, 1000, NULL, &log), STATUS_INVALID_ARGUMENT);
    cr_assert_eq(count_lines(log, "database_connect"), 1, "%s", log);
    cr_assert_null(strstr(log, "hunter2"), "%s", log);
    free(log);
}

Test(conn, waiting_can_be_stopped)
{
    atomic_bool stop = true;
    char *log;

    cr_assert_eq(retry("postgresql://u@/d?host=/tmp/no-such-folder", 1000, &stop, &log),
                 STATUS_CANCELLED);
    free(log);
}

/* How many are left of those that never end is nothing to tell. */
Test(conn, retries_without_end_are_not_counted)
{
    atomic_bool stop = true;
    char *log;

    cr_assert_eq(retry("postgresql://u@/d?host=/tmp/no-such-folder", DB_RETRY_FOREVER, &stop, &log),
                 STATUS_CANCELLED);
    cr_assert_eq(count_lines(log, "\"attempt\":1"), 1, "%s", log);
    cr_assert_eq(count_lines(log, "\"waitMs\":"), 1, "%s", log);
    cr_assert_null(strstr(log, "retriesLeft"), "%s", log);
    free(log);
}

/* Lets the server in once the first attempt has failed. */
struct door {
    const struct capture *capture;
    char path[512], target[512];
};

static void *
open_door(void *arg)
{
    const struct door *door = arg;
    bool failed = false;

    while (!failed) {
        char *log = capture_text(door->capture);

        failed = strstr(log, "\"attempt\":1") != NULL;
        free(log);
        usleep(10000);
    }
    return symlink(door->target, door->path) == 0 ? arg : NULL;
}

Test(conn, a_server_that_comes_late_is_found)
{
    char folder[64], url[512];
    struct capture capture;
    struct door door = {.capture = &capture};
    struct db_options options;
    struct db_conn *conn = NULL;
    struct error error = {""};
    enum status status;
    pthread_t thread;
    void *opened;
    char *log;

    temp_template(folder, sizeof(folder), "depot-door");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(door.path, sizeof(door.path), "%s/.s.PGSQL.5432", folder);
    snprintf(door.target, sizeof(door.target), "%s/.s.PGSQL.%d", test_cluster_host(),
             test_cluster_tcp_port());
    snprintf(url, sizeof(url), "postgresql://%s@/postgres?host=%s", test_cluster_user(), folder);
    options = options_of(url);
    capture_begin(&capture);
    cr_assert_eq(pthread_create(&thread, NULL, open_door, &door), 0);
    status = db_connect_retry(&options, 1000, NULL, &conn, &error);
    pthread_join(thread, &opened);
    log = capture_end(&capture);
    cr_assert_not_null(opened);
    cr_assert_eq(status, STATUS_OK, "%s", error.text);
    cr_assert_geq(count_lines(log, "database_connect"), 2, "%s", log);
    cr_assert_eq(count_lines(log, "\"connected\""), 1, "%s", log);
    free(log);
    db_close(conn);
    unlink(door.path);
    rmdir(folder);
}

/* What a service does by itself and for its operator: calls, commands, upkeep. */
#include "service/insider.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/command.h"
#include "service/main.h"
#include "service/upkeep.h"
#include "support/capture.h"
#include "support/note_frame.h"

static struct note_bench bench;
static struct insider *insider;
static struct arena arena;

static void
open_insider(void)
{
    note_bench_open(&bench);
    insider = insider_new(&bench.callbacks, NOTE_BENCH_WORKERS);
    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    note_tick_fails = 0;
}

static void
close_insider(void)
{
    arena_fini(&arena);
    insider_free(insider);
    note_bench_close(&bench);
}

TestSuite(insider, .init = open_insider, .fini = close_insider, .timeout = 60);
TestSuite(command, .init = open_insider, .fini = close_insider, .timeout = 60);
TestSuite(upkeep, .init = open_insider, .fini = close_insider, .timeout = 60);

static const struct note *
tick(const char *text)
{
    struct note *request = (struct note *)pb_new(&arena, &note_schema);
    const ProtobufCMessage *reply = NULL;
    struct error error;

    request->text = (char *)text;
    cr_assert_eq(service_call(&note_methods[NOTE_TICK], &request->base, &arena, &reply, &error),
                 STATUS_OK, "%s", error.text);
    return (const struct note *)reply;
}

Test(insider, calls_as_the_operator_beside_all_workers)
{
    cr_assert_str_eq(tick("a")->text, "OPERATOR operator a");
    cr_assert_str_eq(tick("b")->text, "OPERATOR operator b");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 2);
}

Test(insider, failures_are_told_and_logged)
{
    struct note *request = (struct note *)pb_new(&arena, &note_schema);
    const ProtobufCMessage *reply = NULL;
    struct capture capture;
    struct error error;
    char *log;

    request->text = "poison";
    capture_begin(&capture);
    cr_assert_eq(service_call(&note_methods[NOTE_TICK], &request->base, &arena, &reply, &error),
                 STATUS_INTERNAL);
    log = capture_end(&capture);
    cr_assert_not_null(strstr(error.text, "Tick: INTERNAL_ERROR"), "%s", error.text);
    cr_assert_eq(count_lines(log, "own_call_failed"), 1, "%s", log);
    cr_assert_null(reply);
    free(log);
}

enum { CALLERS = 4, CALLS = 25 };

static void *
call_often(void *closure)
{
    struct rpc_served served;
    struct arena own;

    (void)closure;
    arena_init(&own, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    for (size_t i = 0; i < CALLS; i++) {
        arena_reset(&own);
        insider_prepare(&served, &note_methods[NOTE_TICK], pb_new(&own, &note_schema), &own);
        cr_assert_not_null(insider_call(insider, &served));
    }
    arena_fini(&own);
    return NULL;
}

Test(insider, threads_take_turns)
{
    pthread_t threads[CALLERS];

    for (size_t i = 0; i < CALLERS; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, call_often, NULL), 0);
    }
    for (size_t i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
    }
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), (long)CALLERS * CALLS);
}

/* --- commands --- */

static char *out_text, *err_text;

static int
command(const char *name, const char *json, const char *input)
{
    const struct pb_method *method = command_find(&note_service, name);
    FILE *in = fmemopen((char *)input, strlen(input) + 1, "r");
    size_t bytes;
    FILE *out = open_memstream(&out_text, &bytes);
    FILE *err = open_memstream(&err_text, &bytes);
    int code;

    cr_assert_not_null(method);
    cr_assert_eq(fseek(in, 0, SEEK_SET), 0);
    code = command_run(insider, method, json, in, out, err);
    fclose(in);
    fclose(out);
    fclose(err);
    return code;
}

static void
forget(void)
{
    free(out_text);
    free(err_text);
}

Test(command, prints_the_reply)
{
    cr_assert_eq(command("Tick", "{\"text\": \"x\", \"number\": 7}", ""), 0);
    cr_assert_str_eq(out_text, "{\"id\":\"tick\",\"text\":\"OPERATOR operator x\",\"number\":7}\n");
    cr_assert_str_eq(err_text, "");
    forget();
    cr_assert_eq(command("Tick", NULL, ""), 0);
    forget();
}

Test(command, reads_what_should_not_stand_on_a_command_line)
{
    FILE *in = tmpfile();
    FILE *out = open_memstream(&out_text, &(size_t){0});

    fputs("{\"text\": \"from stdin\"}", in);
    rewind(in);
    cr_assert_eq(command_run(insider, &note_methods[NOTE_TICK], "-", in, out, stderr), 0);
    fclose(in);
    fclose(out);
    cr_assert_not_null(strstr(out_text, "from stdin"));
    free(out_text);
}

Test(command, prints_the_problem)
{
    cr_assert_eq(command("Tick", "{\"number\": \"many\"}", ""), EXIT_FAILURE);
    cr_assert_str_eq(out_text, "");
    cr_assert_not_null(strstr(err_text, "/number"), "%s", err_text);
    forget();
    cr_assert_eq(command("Tick", "{\"text\": \"poison\"}", ""), EXIT_FAILURE);
    cr_assert_not_null(strstr(err_text, "INTERNAL_ERROR"), "%s", err_text);
    forget();
}

Test(command, only_what_is_the_operators)
{
    cr_assert_not_null(command_find(&note_service, "Tick"));
    cr_assert_null(command_find(&note_service, "Put"));
    cr_assert_null(command_find(&note_service, "tick"));
    cr_assert_null(command_find(&note_service, ""));
}

/* --- upkeep --- */

static unsigned waits;

static bool
wait_not_at_all(int ms)
{
    (void)ms;
    waits++;
    return true;
}

static bool
told_to_stop(int ms)
{
    (void)ms;
    return false;
}

static enum status
first(int max_retry, bool (*wait)(int ms), struct error *error)
{
    struct upkeep *upkeep = upkeep_new(&note_service, insider);
    enum status status = upkeep_first(upkeep, max_retry, wait, error);

    upkeep_free(upkeep);
    return status;
}

Test(upkeep, has_succeeded_once_before_anybody_is_served)
{
    struct error error;

    note_tick_fails = 3;
    cr_assert_eq(first(3, wait_not_at_all, &error), STATUS_OK);
    cr_assert_eq(waits, 3);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1);
    note_tick_fails = 3;
    cr_assert_eq(first(2, wait_not_at_all, &error), STATUS_UNAVAILABLE);
    cr_assert_not_null(strstr(error.text, "Tick: RESOURCE_NOT_FOUND: Told to fail."));
    note_tick_fails = 1;
    cr_assert_eq(first(2, told_to_stop, &error), STATUS_CANCELLED);
}

static long
wait_for_ticks(long more)
{
    static const char sql[] = "SELECT count(*) FROM note";
    long until = note_bench_count(&bench, sql) + more;
    long n = 0;

    while ((n = note_bench_count(&bench, sql)) < until) {
        usleep(5000);
    }
    return n;
}

Test(upkeep, goes_on_and_survives_failures)
{
    struct upkeep *upkeep = upkeep_new(&note_service, insider);
    struct capture capture;
    struct error error;
    long n;
    char *log;

    capture_begin(&capture);
    cr_assert_eq(upkeep_first(upkeep, 0, wait_not_at_all, &error), STATUS_OK);
    upkeep_start(upkeep);
    wait_for_ticks(3);
    note_tick_fails = 3;
    while (note_tick_fails > 0) {
        usleep(5000);
    }
    wait_for_ticks(2);
    upkeep_free(upkeep);
    log = capture_end(&capture);
    cr_assert_eq(count_lines(log, "upkeep_failed"), 1, "%s", log);
    cr_assert_eq(count_lines(log, "upkeep_back"), 1, "%s", log);
    free(log);
    n = note_bench_count(&bench, "SELECT count(*) FROM note");
    usleep(100000);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), n, "it has ended");
}

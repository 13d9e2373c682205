/* Who may call, in a service that is the authority itself, with an executor and a database. */
#include "service/guard.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "auth/token.h"
#include "base/limits.h"
#include "depot/auth/v1/authority.pb-c.h"
#include "depot/auth/v1/authority.schema.h"
#include "service/executor.h"
#include "support/cluster.h"
#include "support/note.h"

#define ANNA "0195a3c0-7c00-7000-8000-000000000001"

/* --- an authority with one key --- */

static unsigned char secret[TOKEN_SECRET_BYTES];
static char public_key[64];

static enum status
pull_answer(struct call *call, const ProtobufCMessage *request, const struct db_rows *rows,
            ProtobufCMessage *reply)
{
    Depot__Auth__V1__PullAuthorityResponse *answer =
        (Depot__Auth__V1__PullAuthorityResponse *)reply;
    Depot__Auth__V1__VerificationKey *key = (Depot__Auth__V1__VerificationKey *)pb_new(
        call->arena, &depot__auth__v1__verification_key__schema);

    (void)request;
    cr_assert_eq(db_int(rows, 0, 0, "one"), 1);
    key->kid = "0123456789abcdef";
    key->algorithm = "EdDSA";
    key->public_key = public_key;
    answer->epoch = "0195a3c0-7c00-7000-8000-00000000e0c1";
    answer->issuer = "depot";
    answer->audience = "depot";
    answer->n_keys = 1;
    answer->keys = arena_alloc(call->arena, sizeof(answer->keys[0]));
    answer->keys[0] = key;
    return STATUS_OK;
}

static const struct db_statement statements[] = {{"pull_0", "SELECT 1 AS one", NULL, 0}};
static const struct db_query query = {.name = "pull", .statements = statements, .n_statements = 1};
static const struct service_handler handlers[] = {
    {.method = &depot__auth__v1__authority__pull_authority__method,
     .query = &query,
     .answer = pull_answer}};
static const struct pb_service *const services[] = {&depot__auth__v1__authority__service, NULL};
static const struct service authority = {
    .name = "notes", .services = services, .handlers = handlers, .n_handlers = 1};

/* --- the process --- */

static struct test_database database;
static struct executor *executor;
static struct rpc_executor callbacks;
static struct insider *insider;
static struct guard *guard;
static struct arena arena;

static void
open_all(bool enforced, bool public_read)
{
    struct auth_settings settings = {.enforced = enforced,
                                     .app_env = "test",
                                     .public_read = public_read,
                                     .revocation_max_age_s = 60};
    struct executor_options options = {.service = &authority,
                                       .db = {.url = database.url, .application_name = "test"}};
    unsigned char raw[TOKEN_PUBLIC_BYTES];
    enum db_failure failure;
    struct db_conn *conn;
    struct error error;

    crypto_sign_keypair(raw, secret);
    sodium_bin2base64(public_key, sizeof(public_key), raw, sizeof(raw),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    guard = options.guard = guard_new(&settings);
    cr_assert_eq(db_connect(&options.db, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(executor_open(&options, conn, &executor, &error), STATUS_OK, "%s", error.text);
    callbacks = executor_callbacks(executor);
    insider = insider_new(&callbacks, 0);
}

static void
start(void)
{
    struct error error;
    const char *why;

    cr_assert_eq(guard_start(guard, &authority, insider, NULL, &error), STATUS_OK, "%s",
                 error.text);
    while (!callbacks.ready(callbacks.closure, &why)) {
        usleep(5000);
    }
}

static void
setup(void)
{
    cr_assert_geq(sodium_init(), 0);
    test_database_open(&database);
    test_database_migrate(&database, "platform");
    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
}

static void
teardown(void)
{
    guard_free(guard);
    insider_free(insider);
    executor_close(executor);
    arena_fini(&arena);
    test_database_drop(&database);
}

TestSuite(guard, .init = setup, .fini = teardown, .timeout = 60);

static const char *
token_of(unsigned role)
{
    struct token_claims claims = {
        .kid = "0123456789abcdef",
        .subject = ANNA,
        .session = "0195a3c0-7c00-7000-8000-0000000000aa",
        .id = "0195a3c0-7c00-7000-8000-0000000000ff",
        .name = "anna",
        .role = role,
        .not_before_s = time(NULL),
        .expires_s = time(NULL) + 300,
    };
    struct buf out = BUF_INIT;
    const char *text;

    token_write(&out, &claims, "depot", "depot", secret);
    buf_putc(&out, '\0');
    text = arena_strdup(&arena, out.data);
    buf_fini(&out);
    return text;
}

static struct rpc_served served;

/* The reason, or "OK". */
static const char *
check(const struct pb_method *method, const char *token)
{
    served = (struct rpc_served){.method = method};
    call_init(&served.call, &arena);
    served.call.principal = "somebody-else";
    served.call.client_address = "10.1.2.3";
    served.status = callbacks.authorise(callbacks.closure, &served, token);
    return served.status == STATUS_OK ? "OK" : served.call.problem.reason->name;
}

static struct pb_method
method_for(enum pb_role access, enum pb_role others)
{
    return (struct pb_method){.name = "Do",
                              .service = &depot__auth__v1__authority__service,
                              .access = access,
                              .others = others,
                              .no_side_effects = true,
                              .public_read = true};
}

Test(guard, nothing_is_known_at_first)
{
    const struct pb_method open = method_for(PB_ROLE_ANONYMOUS, PB_ROLE_ANONYMOUS);
    const struct pb_method members = method_for(PB_ROLE_MEMBER, PB_ROLE_ANONYMOUS);
    const char *why = NULL;

    open_all(true, false);
    cr_assert_not(callbacks.ready(callbacks.closure, &why));
    cr_assert_not_null(why);
    cr_assert_str_eq(check(&open, ""), "OK", "what everybody may ask the authority");
    cr_assert_str_eq(check(&open, token_of(PB_ROLE_ADMIN)), "OK", "nor does it matter who asks");
    cr_assert_str_eq(served.call.caller.id, "");
    cr_assert_str_eq(check(&members, token_of(PB_ROLE_ADMIN)), "ACCESS_UNKNOWN");
}

Test(guard, who_it_is_comes_from_the_token_alone)
{
    const struct pb_method method = method_for(PB_ROLE_MEMBER, PB_ROLE_MANAGER);

    open_all(true, false);
    start();
    cr_assert_str_eq(check(&method, token_of(PB_ROLE_MEMBER)), "OK");
    cr_assert_str_eq(served.call.principal, ANNA);
    cr_assert_str_eq(served.call.caller.id, ANNA);
    cr_assert_str_eq(served.call.caller.name, "anna");
    cr_assert_not(served.call.caller.sees_all);
    cr_assert_str_eq(check(&method, token_of(PB_ROLE_MANAGER)), "OK");
    cr_assert(served.call.caller.sees_all);
    cr_assert_str_eq(check(&method, "x.y.z"), "TOKEN_INVALID");
    cr_assert_str_eq(check(&method, ""), "TOKEN_MISSING");
}

/* Nor can anybody use the idempotency keys of an account by calling himself like it. */
Test(guard, nobody_is_known_by_the_address)
{
    const struct pb_method open = method_for(PB_ROLE_ANONYMOUS, PB_ROLE_ANONYMOUS);

    open_all(true, false);
    cr_assert_str_eq(check(&open, ""), "OK");
    cr_assert_str_eq(served.call.principal, "10.1.2.3");
    cr_assert_str_eq(served.call.caller.id, "");
}

Test(guard, roles_are_enough_or_not)
{
    const struct pb_method admins = method_for(PB_ROLE_ADMIN, PB_ROLE_ANONYMOUS);
    const struct pb_method operators = method_for(PB_ROLE_OPERATOR, PB_ROLE_ANONYMOUS);

    open_all(true, false);
    start();
    cr_assert_str_eq(check(&admins, token_of(PB_ROLE_MANAGER)), "NOT_ALLOWED");
    cr_assert_str_eq(check(&admins, token_of(PB_ROLE_ADMIN)), "OK");
    cr_assert_str_eq(check(&operators, token_of(PB_ROLE_ADMIN)), "NOT_ALLOWED");
}

Test(guard, public_reads)
{
    const struct pb_method method = method_for(PB_ROLE_MEMBER, PB_ROLE_MANAGER);

    open_all(true, true);
    cr_assert_str_eq(check(&method, ""), "OK");
    cr_assert_not(served.call.caller.sees_all);
}

Test(guard, off_lets_everybody_do_everything_but_the_operators)
{
    const struct pb_method admins = method_for(PB_ROLE_ADMIN, PB_ROLE_ADMIN);
    const struct pb_method operators = method_for(PB_ROLE_OPERATOR, PB_ROLE_ANONYMOUS);
    const char *why;

    open_all(false, false);
    start();
    cr_assert(callbacks.ready(callbacks.closure, &why));
    cr_assert_str_eq(check(&admins, ""), "OK");
    cr_assert_str_eq(served.call.caller.id, "");
    cr_assert(served.call.caller.sees_all);
    cr_assert_str_eq(served.call.principal, "somebody-else", "what the gateway says");
    cr_assert_str_eq(check(&admins, "x.y.z"), "OK");
    cr_assert_str_eq(check(&operators, ""), "NOT_ALLOWED");
}

Test(guard, the_authority_is_known_by_its_contract)
{
    open_all(false, false);
    cr_assert(guard_is_authority(&authority));
    cr_assert_not(guard_is_authority(&note_service));
}

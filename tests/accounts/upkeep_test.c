#include "desk.h"

static struct desk desk;

static void
open_desk(void)
{
    desk_open(&desk);
}

static void
close_desk(void)
{
    desk_close(&desk);
}

TestSuite(upkeep, .init = open_desk, .fini = close_desk, .timeout = 120);

/* Kid of the token that somebody gets who logs in now. */
static void
signer(char kid[static TOKEN_KID_BYTES + 1])
{
    struct token_claims claims;

    cr_assert_eq(desk_read(&desk, desk_tokens(&desk)->access_token, &claims), TOKEN_GOOD);
    snprintf(kid, TOKEN_KID_BYTES + 1, "%s", claims.kid);
}

Test(upkeep, makes_one_key)
{
    for (int i = 0; i < 3; i++) {
        desk_upkeep(&desk);
    }
    desk_expect(&desk, "SELECT count(*) FROM signing_key WHERE sign_time <= now()", "1");
    desk_expect(
        &desk,
        "SELECT string_agg(concat_ws('/', actor_id, actor, action, object = (SELECT kid FROM "
        "signing_key), outcome), ' ') FROM depot_audit",
        "operator/Upkeep/t/OK");
}

/* After a month comes the next key: given out at once, used later; the old one verifies as long as
 * there can be tokens of it. */
Test(upkeep, changes_keys)
{
    const char *old_token = desk_tokens(&desk)->access_token;
    char old_kid[TOKEN_KID_BYTES + 1], kid[TOKEN_KID_BYTES + 1];
    struct token_claims claims;

    signer(old_kid);
    desk_run(&desk, "UPDATE signing_key SET sign_time = sign_time - interval '29 days 23 hours'");
    desk_upkeep(&desk);
    desk_expect(&desk, "SELECT count(*) FROM signing_key", "1");
    desk_run(&desk, "UPDATE signing_key SET sign_time = sign_time - interval '1 hour'");
    desk_upkeep(&desk);
    desk_upkeep(&desk);
    desk_expect(&desk,
                "SELECT string_agg(extract(epoch FROM coalesce(expire_time, sign_time) - "
                "create_time)::int::text, ' ' ORDER BY create_time DESC) FROM signing_key WHERE "
                "expire_time IS NULL",
                "90");
    desk_expect(&desk,
                "SELECT a.expire_time - b.sign_time FROM signing_key AS a, signing_key AS b "
                "WHERE a.expire_time IS NOT NULL AND b.expire_time IS NULL",
                "00:11:00");
    signer(kid);
    cr_assert_str_eq(kid, old_kid, "not everybody knows the new key yet");
    desk_run(&desk, "UPDATE signing_key SET sign_time = sign_time - interval '90 s', "
                    "expire_time = expire_time - interval '90 s'");
    signer(kid);
    cr_assert_str_neq(kid, old_kid);
    cr_assert_eq(desk_read(&desk, old_token, &claims), TOKEN_GOOD);
    desk_run(&desk, "UPDATE signing_key SET expire_time = now() WHERE expire_time IS NOT NULL");
    desk_upkeep(&desk);
    desk_expect(&desk, "SELECT count(*) FROM signing_key", "1");
    cr_assert_eq(desk_read(&desk, old_token, &claims), TOKEN_UNKNOWN_KEY);
}

/* Of a secret that was changed: such a key verifies on, and nobody signs with it; another is made
 * at once. When it is older than any key of somebody may be, it goes. */
Test(upkeep, keeps_keys_of_another_secret)
{
    const char *old_token = desk_tokens(&desk)->access_token;
    char old_kid[TOKEN_KID_BYTES + 1], kid[TOKEN_KID_BYTES + 1];
    struct token_claims claims;

    signer(old_kid);
    desk_run(&desk, "UPDATE signing_key SET seal = '0123456789abcdef'");
    desk_upkeep(&desk);
    signer(kid);
    cr_assert_str_neq(kid, old_kid);
    cr_assert_eq(desk_read(&desk, old_token, &claims), TOKEN_GOOD);
    desk_expect(&desk, "SELECT count(*) FROM signing_key WHERE expire_time IS NULL", "2");
    desk_run(&desk, "UPDATE signing_key SET sign_time = now() - interval '31 days' "
                    "WHERE seal = '0123456789abcdef'");
    desk_upkeep(&desk);
    desk_expect(&desk,
                "SELECT seal FROM signing_key WHERE expire_time > now() + interval '10 minutes'",
                "0123456789abcdef");
}

/* Somebody has written into the table: nothing is signed with what this process did not seal. */
Test(upkeep, sealed_keys)
{
    struct asked asked;

    desk_run(&desk, "UPDATE signing_key SET kid = '0123456789abcdef'");
    asked = desk_log_in(&desk, "ada", PASSWORD);
    expect_reason(&asked, &reason_internal_error);
    desk_run(&desk, "UPDATE signing_key SET sealed_key = ''");
    asked = desk_log_in(&desk, "ada", PASSWORD);
    expect_reason(&asked, &reason_internal_error);
}

Test(upkeep, forgets_what_is_over)
{
    desk_run(&desk, SEED_SESSION(SESSION, ADA) SEED_SESSION(
                        SESSION_2,
                        ADA) "UPDATE session SET expire_time = now() WHERE id = '" SESSION "';"
                             "INSERT INTO revocation (session_id, expire_time) VALUES ('" SESSION
                             "', now()), ('" SESSION_2 "', now() + interval '1 s');"
                             "INSERT INTO login_failure (subject, failures, last_time) VALUES "
                             "(sha256('a'), 64, "
                             "now() - interval '64 minutes'), (sha256('b'), 64, now() - interval "
                             "'63 minutes')");
    desk_upkeep(&desk);
    desk_expect(&desk, "SELECT string_agg(id::text, ' ') FROM session", SESSION_2);
    desk_expect(&desk, "SELECT string_agg(session_id::text, ' ') FROM revocation", SESSION_2);
    desk_expect(&desk, "SELECT string_agg((subject = sha256('b'))::text, ' ') FROM login_failure",
                "true");
}

/* Nobody else may call it. */
Test(upkeep, is_not_for_clients)
{
    static const struct caller eve = {.id = EVE, .name = "eve", .role = PB_ROLE_ADMIN};
    struct arena arena;
    struct call call;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    call_init(&call, &arena);
    cr_assert_eq(
        bench_authorise(&call, &eve, &depot__accounts__v1__accounts_service__upkeep__method),
        STATUS_PERMISSION_DENIED);
    arena_fini(&arena);
}

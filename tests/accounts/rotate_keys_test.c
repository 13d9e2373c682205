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

TestSuite(rotate_keys, .init = open_desk, .fini = close_desk, .timeout = 120);

static void
rotate(void)
{
    Google__Protobuf__Empty request = GOOGLE__PROTOBUF__EMPTY__INIT;

    cr_assert_null(desk_ask(&desk, &as_operator,
                            &depot__accounts__v1__accounts_service__rotate_keys__method,
                            &request.base)
                       .reason);
}

/* The next key takes over after the lead; tokens of the one before stay good until they are over.
 */
Test(rotate_keys, takes_over)
{
    const char *token = desk_tokens(&desk)->access_token;
    struct token_claims before, after;

    rotate();
    desk_upkeep(&desk);
    cr_assert_eq(desk_pull(&desk, "", 0)->n_keys, 2);
    cr_assert_eq(desk_read(&desk, desk_tokens(&desk)->access_token, &before), TOKEN_GOOD);
    desk_expect(&desk, "SELECT kid FROM signing_key WHERE sign_time <= now()", before.kid);
    desk_run(&desk, "UPDATE signing_key SET sign_time = sign_time - interval '90 s'");
    cr_assert_eq(desk_read(&desk, desk_tokens(&desk)->access_token, &after), TOKEN_GOOD);
    cr_assert_str_neq(after.kid, before.kid);
    cr_assert_eq(desk_read(&desk, token, &before), TOKEN_GOOD);
}

/* Upkeep finds the next one made, and makes no other. */
Test(rotate_keys, once)
{
    rotate();
    desk_upkeep(&desk);
    desk_upkeep(&desk);
    desk_expect(&desk, "SELECT count(*) FROM signing_key", "2");
    desk_expect(&desk, "SELECT count(*) FROM signing_key WHERE expire_time IS NULL", "1");
}

/* Two in a row: the second takes over from the first. */
Test(rotate_keys, twice)
{
    rotate();
    rotate();
    desk_upkeep(&desk);
    desk_expect(&desk, "SELECT count(*) FROM signing_key", "3");
    desk_expect(&desk, "SELECT count(*) FROM signing_key WHERE expire_time IS NULL", "1");
}

Test(rotate_keys, without_any)
{
    desk_run(&desk, "DELETE FROM signing_key");
    rotate();
    desk_expect(&desk, "SELECT count(*) FROM signing_key WHERE sign_time <= now()", "1");
}

Test(rotate_keys, is_recorded)
{
    rotate();
    desk_expect(&desk,
                "SELECT concat_ws('/', actor_id, actor, action, outcome) FROM depot_audit "
                "WHERE object = (SELECT kid FROM signing_key ORDER BY sign_time DESC LIMIT 1)",
                "operator/RotateKeys/OK");
}

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

TestSuite(revoke_all, .init = open_desk, .fini = close_desk, .timeout = 120);

static const Depot__Accounts__V1__RevokeAllResponse *
revoke_all(bool api_keys)
{
    Depot__Accounts__V1__RevokeAllRequest request = DEPOT__ACCOUNTS__V1__REVOKE_ALL_REQUEST__INIT;
    struct asked asked;

    request.api_keys = api_keys;
    asked = desk_ask(&desk, &as_operator,
                     &depot__accounts__v1__accounts_service__revoke_all__method, &request.base);
    cr_assert_null(asked.reason);
    return (const Depot__Accounts__V1__RevokeAllResponse *)asked.reply;
}

/* No token that there is is good any more; who logs in again gets one that is, at once. */
Test(revoke_all, tokens)
{
    const Depot__Accounts__V1__Tokens *tokens = desk_tokens(&desk);
    const Depot__Accounts__V1__RevokeAllResponse *reply;
    struct token_claims claims;
    struct asked asked;

    (void)desk_tokens(&desk);
    cr_assert_eq(desk_read(&desk, tokens->access_token, &claims), TOKEN_GOOD);
    reply = revoke_all(false);
    cr_assert_eq(reply->sessions, 2);
    cr_assert_eq(reply->api_keys, 0);
    cr_assert_eq(desk_read(&desk, tokens->access_token, &claims), TOKEN_UNKNOWN_KEY);
    asked = desk_refresh(&desk, tokens->refresh_token);
    expect_reason(&asked, &reason_refresh_failed);
    cr_assert_eq(desk_read(&desk, desk_tokens(&desk)->access_token, &claims), TOKEN_GOOD);
}

Test(revoke_all, api_keys)
{
    desk_run(&desk,
             SEED_KEY(KEY, ADA, "a") SEED_KEY(
                 KEY_2, EVE, "b") "UPDATE api_key SET expire_time = now() WHERE id = '" KEY_2 "'");
    cr_assert_eq(revoke_all(false)->api_keys, 0);
    desk_expect(&desk, "SELECT count(*) FROM api_key", "2");
    cr_assert_eq(revoke_all(true)->api_keys, 1);
    desk_expect(&desk, "SELECT count(*) FROM api_key", "0");
}

/* Keys that were to sign soon go, too: there may be somebody who has them. */
Test(revoke_all, keys)
{
    char *kid = test_database_value(&desk.bench.database, "SELECT kid FROM signing_key");
    char sql[128];

    desk_run(&desk, "INSERT INTO signing_key (kid, public_key, sealed_key, seal, sign_time) "
                    "VALUES ('0123456789abcdef', sha256('x'), '', '0123456789abcdef', "
                    "now() + interval '90 s')");
    (void)revoke_all(false);
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM signing_key WHERE sign_time <= now() "
             "AND kid NOT IN ('%s', '0123456789abcdef')",
             kid);
    desk_expect(&desk, sql, "1");
    desk_expect(&desk, "SELECT count(*) FROM signing_key", "1");
    free(kid);
}

Test(revoke_all, is_recorded)
{
    desk_run(&desk, SEED_KEY(KEY, ADA, "a"));
    (void)revoke_all(false);
    (void)revoke_all(true);
    desk_expect(&desk,
                "SELECT string_agg(concat_ws('/', actor_id, actor, action, object, outcome), ' ' "
                "ORDER BY id) FROM depot_audit WHERE action <> 'Upkeep'",
                "operator/RevokeAll/sessions/OK operator/RevokeAll/sessions and API keys/OK "
                "operator/DeleteApiKey/" KEY "/OK");
}

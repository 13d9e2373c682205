#include "accounts/api_key.h"
#include "desk.h"

static struct desk desk;
static char key[API_KEY_TEXT_BYTES];

/* A key of eve's, an administrator, for all that a manager may. */
static void
open_desk(void)
{
    char sql[1024];

    desk_open(&desk);
    api_key_make(key);
    snprintf(sql, sizeof(sql),
             "INSERT INTO api_key (id, account_id, name, role, scopes, key_hash, prefix, "
             "expire_time) VALUES ('" KEY "', '" EVE "', 'x', 'MANAGER', '{}', '%s', 'dpk_', "
             "now() + interval '1 day')",
             api_key_hash(&desk.arena, key));
    desk_run(&desk, sql);
}

static void
close_desk(void)
{
    desk_close(&desk);
}

TestSuite(exchange_api_key, .init = open_desk, .fini = close_desk, .timeout = 120);

static struct asked
exchange(const char *text)
{
    Depot__Auth__V1__ExchangeApiKeyRequest request =
        DEPOT__AUTH__V1__EXCHANGE_API_KEY_REQUEST__INIT;

    request.api_key = (char *)text;
    return desk_ask(&desk, &as_nobody, &depot__auth__v1__authority__exchange_api_key__method,
                    &request.base);
}

/* The claims of a token for the key; its life. */
static int32_t
claims_of_key(struct token_claims *claims)
{
    struct asked asked = exchange(key);
    const Depot__Auth__V1__ExchangeApiKeyResponse *reply;

    cr_assert_null(asked.reason);
    reply = (const Depot__Auth__V1__ExchangeApiKeyResponse *)asked.reply;
    cr_assert_eq(desk_read(&desk, reply->access_token, claims), TOKEN_GOOD);
    cr_assert_eq(claims->expires_s - claims->not_before_s, reply->expires_in);
    return reply->expires_in;
}

Test(exchange_api_key, token)
{
    struct token_claims claims;

    cr_assert_eq(claims_of_key(&claims), 300);
    cr_assert_str_eq(claims.subject, EVE);
    cr_assert_str_eq(claims.session, KEY);
    cr_assert_str_eq(claims.name, "eve");
    cr_assert_str_eq(claims.scope, "");
    cr_assert_eq(claims.role, PB_ROLE_MANAGER);
    cr_assert_eq(claims.generation, 1);
    cr_assert(claims.is_program);
}

Test(exchange_api_key, scopes)
{
    struct token_claims claims;

    desk_run(&desk, "UPDATE api_key SET scopes = '{inventory.read,accounts.write}'");
    (void)claims_of_key(&claims);
    cr_assert_str_eq(claims.scope, "inventory.read accounts.write");
}

/* Its owner is less by now; the key is less, too. */
Test(exchange_api_key, never_more_than_its_owner)
{
    struct token_claims claims;

    desk_run(&desk, "UPDATE account SET role = 'MEMBER' WHERE username = 'eve'");
    (void)claims_of_key(&claims);
    cr_assert_eq(claims.role, PB_ROLE_MEMBER);
}

Test(exchange_api_key, never_longer_than_the_key)
{
    struct token_claims claims;
    int32_t life_s;

    desk_run(&desk, "UPDATE api_key SET expire_time = now() + interval '100.5 s'");
    life_s = claims_of_key(&claims);
    cr_assert(life_s > 90 && life_s <= 100, "%d", life_s);
}

Test(exchange_api_key, expired)
{
    struct asked asked;

    desk_run(&desk, "UPDATE api_key SET expire_time = now() + interval '0.5 s'");
    asked = exchange(key);
    expect_reason(&asked, &reason_token_expired);
}

Test(exchange_api_key, invalid)
{
    char other[API_KEY_TEXT_BYTES];
    struct asked asked;

    api_key_make(other);
    asked = exchange(other);
    expect_reason(&asked, &reason_token_invalid);
    asked = exchange("dpk_x");
    expect_reason(&asked, &reason_token_invalid);
    desk_run(&desk, "UPDATE account SET active = false");
    asked = exchange(key);
    expect_reason(&asked, &reason_token_invalid);
    desk_run(&desk, "UPDATE account SET active = true; DELETE FROM api_key");
    asked = exchange(key);
    expect_reason(&asked, &reason_token_invalid);
}

Test(exchange_api_key, text)
{
    cr_assert(api_key_valid(key));
    cr_assert_eq(strlen(key), 47);
    key[46]++;
    cr_assert_not(api_key_valid(key), "bits behind the last byte");
    key[46] = '\0';
    cr_assert_not(api_key_valid(key));
    cr_assert_not(api_key_valid("dpr_4fJq4fJq4fJq4fJq4fJq4fJq4fJq4fJq4fJq4fJq4fI"));
    cr_assert_not(api_key_valid(""));
}

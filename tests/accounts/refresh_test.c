#include "accounts/bytes.h"
#include "accounts/refresh_token.h"
#include "desk.h"
#include "support/rpc_case.h"

#define REFRESH "POST", "/v1/auth/refresh"
#define TOKENS                                                                                     \
    "{\"accessToken\":\"<text>\",\"refreshToken\":\"<text>\",\"expiresIn\":600,"                   \
    "\"tokenType\":\"Bearer\"}"
#define FAILED JSON_PROBLEM("UNAUTHENTICATED", "REFRESH_FAILED")
#define STATE  "SELECT concat_ws(' ', token_number, (SELECT count(*) FROM revocation)) FROM session"
#define GONE                                                                                       \
    "SELECT concat_ws(' ', (SELECT count(*) FROM session), session_id, "                           \
    "extract(epoch FROM expire_time - create_time)::int) FROM revocation"
#define LAST_EVENT                                                                                 \
    "SELECT concat_ws(' ', actor_id, actor, action, object, client_address, request_id, outcome) " \
    "FROM depot_audit ORDER BY id DESC LIMIT 1"

/* The first tokens of a session, by number, and what its row must be when one is the newest. */
enum { TOKENS_MADE = 4 };

struct chain {
    struct arena arena;
    struct refresh_token tokens[TOKENS_MADE];
    char *seeds[TOKENS_MADE];
    const char *bodies[TOKENS_MADE];
};

static void
chain_open(struct chain *self)
{
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    refresh_token_first(SESSION, &self->tokens[0]);
    for (int i = 0; i < TOKENS_MADE; i++) {
        if (i > 0) {
            refresh_token_next(&self->tokens[i - 1], &self->tokens[i]);
        }
        self->seeds[i] = with_key(arena_printf(
            &self->arena,
            SEED_ADA "INSERT INTO session (id, account_id, token_number, token_hash, expire_time, "
                     "client_address) VALUES ('" SESSION "', '" ADA
                     "', %d, '%s', now() + interval '1 day', '" ADDRESS "');",
            i, refresh_token_hash(&self->arena, &self->tokens[i])));
        self->bodies[i] = arena_printf(&self->arena, "{\"refreshToken\":\"%s\"}",
                                       refresh_token_text(&self->arena, &self->tokens[i]));
    }
}

static void
chain_close(struct chain *self)
{
    for (int i = 0; i < TOKENS_MADE; i++) {
        free(self->seeds[i]);
    }
    arena_fini(&self->arena);
}

/* The SQL and some more. */
static const char *
also(struct chain *self, const char *seed, const char *sql)
{
    return arena_printf(&self->arena, "%s%s", seed, sql);
}

/* The body of a token like the i-th, with another number. */
static const char *
renumbered(struct chain *self, int i, uint32_t number)
{
    struct refresh_token token = self->tokens[i];

    token.number = number;
    return arena_printf(&self->arena, "{\"refreshToken\":\"%s\"}",
                        refresh_token_text(&self->arena, &token));
}

Test(refresh, cases)
{
    static struct chain chain;

    chain_open(&chain);
    const struct rpc_case cases[] = {
        {"the newest", chain.seeds[0], REFRESH, chain.bodies[0], 200, TOKENS, STATE, "1 0"},
        {"it is recorded", chain.seeds[0], REFRESH, chain.bodies[0], 200, TOKENS, LAST_EVENT,
         ADA " ada Refresh " SESSION " 192.0.2.1 test OK"},
        {"the one before, once more", chain.seeds[1], REFRESH, chain.bodies[0], 200, TOKENS, STATE,
         "1 0"},
        {"once more is no event", chain.seeds[1], REFRESH, chain.bodies[0], 200, TOKENS,
         "SELECT count(*) FROM depot_audit", "0"},
        {"reused", chain.seeds[2], REFRESH, chain.bodies[0], 401, FAILED, GONE,
         "0 " SESSION " 660"},
        {"reused is recorded", chain.seeds[3], REFRESH, chain.bodies[0], 401, FAILED, LAST_EVENT,
         ADA " ada Refresh " SESSION " 192.0.2.1 test REFRESH_REUSED"},
        {"not made yet", chain.seeds[0], REFRESH, chain.bodies[1], 401, FAILED, STATE, "0 0"},
        {"a forged number", chain.seeds[2], REFRESH, renumbered(&chain, 0, 1), 401, FAILED, STATE,
         "2 0"},
        {"a forged old one", chain.seeds[3], REFRESH, renumbered(&chain, 2, 0), 401, FAILED, STATE,
         "3 0"},
        {"the largest number", chain.seeds[2], REFRESH, renumbered(&chain, 2, UINT32_MAX), 401,
         FAILED, STATE, "2 0"},
        {"another session's", with_key(SEED_ADA SEED_SESSION(SESSION_2, ADA)), REFRESH,
         chain.bodies[0], 401, FAILED, STATE, "0 0"},
        {"of an account that is inactive",
         also(&chain, chain.seeds[0], "UPDATE account SET active = false"), REFRESH,
         chain.bodies[0], 401, FAILED, STATE, "0 0"},
        {"its time is over", also(&chain, chain.seeds[0], "UPDATE session SET expire_time = now()"),
         REFRESH, chain.bodies[0], 401, FAILED, STATE, "0 0"},
        {"no token", chain.seeds[0], REFRESH, "{}", 400,
         JSON_INVALID("REQUIRED", POINTER("/refreshToken")), STATE, "0 0"},
        {"no form", chain.seeds[0], REFRESH, "{\"refreshToken\":\"dpr_x\"}", 401, FAILED, STATE,
         "0 0"},
        {"an API key", chain.seeds[0], REFRESH,
         "{\"refreshToken\":\"dpk_4fJq4fJq4fJq4fJq4fJq4fJq4fJq4fJq4fJq4fJq4fI\"}", 401, FAILED,
         STATE, "0 0"},
    };

    rpc_cases_run_as(&accounts_service, &as_nobody, cases, N_OF(cases));
    free((char *)cases[10].seed);
    chain_close(&chain);
}

/* The form of the text: nothing else is taken for one. */
Test(refresh, text)
{
    struct refresh_token token, read;
    struct arena arena;
    const char *text;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    refresh_token_first(SESSION, &token);
    token.number = 0x01020304;
    text = refresh_token_text(&arena, &token);
    cr_assert_eq(strlen(text), 74);
    cr_assert(refresh_token_read(text, &read));
    cr_assert_eq(memcmp(read.session, token.session, sizeof(read.session)), 0);
    cr_assert_eq(memcmp(read.secret, token.secret, sizeof(read.secret)), 0);
    cr_assert_eq(read.number, token.number);
    cr_assert_str_eq(refresh_token_session(&arena, &read), SESSION);
    cr_assert_not(refresh_token_read(arena_printf(&arena, "%sA", text), &read));
    cr_assert_not(refresh_token_read(arena_printf(&arena, "%.73s", text), &read));
    cr_assert_not(refresh_token_read(arena_printf(&arena, "%s=", text), &read));
    cr_assert_not(refresh_token_read(text + 1, &read));
    token.number = INT32_MAX;
    cr_assert_not(refresh_token_read(refresh_token_text(&arena, &token), &read));
    arena_fini(&arena);
}

/* How far back a chain is followed. */
Test(refresh, bound)
{
    unsigned char hash[REFRESH_TOKEN_HASH_BYTES];
    struct refresh_token first, token;
    struct arena arena;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    refresh_token_first(SESSION, &first);
    token = first;
    for (int i = 0; i < REFRESH_TOKEN_CHAIN_MAX; i++) {
        refresh_token_next(&token, &token);
    }
    cr_assert(bytes_read(refresh_token_hash(&arena, &token) + 2, hash, sizeof(hash)));
    cr_assert(refresh_token_leads_to(&first, token.number, hash));
    cr_assert_not(refresh_token_leads_to(&first, token.number - 1, hash));
    refresh_token_next(&token, &token);
    cr_assert(bytes_read(refresh_token_hash(&arena, &token) + 2, hash, sizeof(hash)));
    cr_assert_not(refresh_token_leads_to(&first, token.number, hash));
    refresh_token_next(&first, &first);
    cr_assert(refresh_token_leads_to(&first, token.number, hash));
    arena_fini(&arena);
}

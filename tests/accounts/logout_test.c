#include "accounts/refresh_token.h"
#include "desk.h"
#include "support/rpc_case.h"

#define LOGOUT "POST", "/v1/auth/logout"
#define FAILED JSON_PROBLEM("UNAUTHENTICATED", "REFRESH_FAILED")
#define STATE                                                                                      \
    "SELECT concat_ws(' / ', (SELECT string_agg(id::text, ' ' ORDER BY id) FROM session), "        \
    "(SELECT string_agg(session_id::text, ' ') FROM revocation))"
#define LAST_EVENT                                                                                 \
    "SELECT concat_ws(' ', actor_id, actor, action, object, client_address, request_id, outcome) " \
    "FROM depot_audit"

/* SESSION of ada without a token, SESSION_2 of hers with one, SESSION_3 of mia with one. */
struct others {
    struct arena arena;
    struct refresh_token hers, mias;
    const char *body, *foreign_body;
};

static const char *
body_of(struct others *self, const struct refresh_token *token)
{
    return arena_printf(&self->arena, "{\"refreshToken\":\"%s\"}",
                        refresh_token_text(&self->arena, token));
}

/* With hers used so many times. */
static const char *
seed_used(struct others *self, int times)
{
    struct refresh_token newest = self->hers;

    for (int i = 0; i < times; i++) {
        refresh_token_next(&newest, &newest);
    }
    return arena_printf(
        &self->arena,
        SEED_ADA SEED_MIA SEED_SESSION(SESSION, ADA) SEED_SESSION(SESSION_2, ADA) SEED_SESSION(
            SESSION_3,
            MIA) "UPDATE session SET token_number = %d, token_hash = '%s' WHERE id = '" SESSION_2
                 "';"
                 "UPDATE session SET token_hash = '%s' WHERE id = '" SESSION_3 "';",
        times, refresh_token_hash(&self->arena, &newest),
        refresh_token_hash(&self->arena, &self->mias));
}

static void
others_open(struct others *self)
{
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    refresh_token_first(SESSION_2, &self->hers);
    refresh_token_first(SESSION_3, &self->mias);
    self->body = body_of(self, &self->hers);
    self->foreign_body = body_of(self, &self->mias);
}

Test(logout, cases)
{
    static struct others others;

    others_open(&others);
    const char *seed = seed_used(&others, 0);
    const struct rpc_case cases[] = {
        {"one's own session", seed, LOGOUT, "{}", 204, NULL, STATE,
         SESSION_2 " " SESSION_3 " / " SESSION},
        {"it is recorded", seed, LOGOUT, "{}", 204, NULL, LAST_EVENT,
         ADA " ada Logout " SESSION " 192.0.2.1 test OK"},
        {"gone already", SEED_ADA SEED_SESSION(SESSION_2, ADA), LOGOUT, "{}", 204, NULL, STATE,
         SESSION_2},
        {"by the newest token", seed, LOGOUT, others.body, 204, NULL, STATE,
         SESSION " " SESSION_3 " / " SESSION_2},
        {"by the one before", seed_used(&others, 1), LOGOUT, others.body, 204, NULL, STATE,
         SESSION " " SESSION_3 " / " SESSION_2},
        {"by one from before that", seed_used(&others, 2), LOGOUT, others.body, 401, FAILED, STATE,
         SESSION " " SESSION_2 " " SESSION_3},
        {"by somebody else's", seed, LOGOUT, others.foreign_body, 401, FAILED, STATE,
         SESSION " " SESSION_2 " " SESSION_3},
        {"by what is none", seed, LOGOUT, "{\"refreshToken\":\"dpr_x\"}", 401, FAILED, STATE,
         SESSION " " SESSION_2 " " SESSION_3},
        {"by one of a session that is gone", SEED_ADA, LOGOUT, others.body, 401, FAILED,
         "SELECT count(*) FROM depot_audit", "0"},
    };

    rpc_cases_run_as(&accounts_service, &as_ada, cases, N_OF(cases));
    arena_fini(&others.arena);
}

/* A program has no session to end; nobody at all neither. */
Test(logout, refused)
{
    static const struct caller program = {
        .id = ADA, .name = "ada", .session = KEY, .role = PB_ROLE_MEMBER, .is_program = true};
    static const struct rpc_case programs[] = {
        {"a program", SEED_ADA, LOGOUT, "{}", 403, JSON_REFUSED, NULL, NULL}};
    static const struct rpc_case nobodies[] = {{"nobody", SEED_ADA, LOGOUT, "{}", 401,
                                                JSON_PROBLEM("UNAUTHENTICATED", "TOKEN_MISSING"),
                                                NULL, NULL}};

    rpc_cases_run_as(&accounts_service, &program, programs, N_OF(programs));
    rpc_cases_run_as(&accounts_service, &as_nobody, nobodies, N_OF(nobodies));
}

/*
 * Access tokens out of the database's rows. Whoever decides that somebody gets one selects, in the
 * same row, the account's `account_id`, `username`, `role` and `generation`, the time `now_s`, and
 * of signing_key_now `kid` and `sealed_key`: all of one moment.
 */
#ifndef DEPOT_ACCOUNTS_SESSIONS_H
#define DEPOT_ACCOUNTS_SESSIONS_H

#include "accounts/accounts.h"
#include "accounts/refresh_token.h"

/* Whom access tokens are for: every process of this system (`aud`). */
#define SESSIONS_AUDIENCE "depot"

/* What is not the account's. */
struct sessions_grant {
    const char *session; /* the UUID of the session, or of the API key */
    const char *scope;   /* of an API key; "": no bounds */
    const char *role; /* an API key's own, MEMBER to ADMIN; NULL: it has as much as the account */
    bool is_program;
    int64_t life_s; /* positive, at most TOKEN_LIFE_MAX_S */
};

/*
 * Writes the token into the call's arena. NOT_READY when there is no key to sign with yet,
 * INTERNAL_ERROR when it cannot be opened: somebody has changed the row.
 */
enum status sessions_grant(struct call *call, const struct db_rows *rows, size_t statement,
                           const struct sessions_grant *grant, const char **token) MUST_CHECK;

/* Fills the answer of who has logged in, or goes on, with both tokens. Failures as above. */
enum status sessions_answer(struct call *call, const struct db_rows *rows, size_t statement,
                            const struct refresh_token *refresh,
                            Depot__Accounts__V1__Tokens *reply) MUST_CHECK;

/*
 * Sets the parameters of a refresh token: `session_id`, `token_number`, `token_hash`, and
 * `next_hash` of the one after it.
 */
void sessions_set_token(struct call *call, struct db_params *params,
                        const struct refresh_token *token);

/* Ends the call with REFRESH_FAILED, whatever was wrong. */
enum status sessions_refresh_failed(struct call *call);

#endif

/* What the handlers of accounts and API keys share: their locks, and how they fail. */
#ifndef DEPOT_ACCOUNTS_PEOPLE_H
#define DEPOT_ACCOUNTS_PEOPLE_H

#include "accounts/accounts.h"

/* More locks beside those of accounts.h: of who administers (""), and of an API key by its id. */
#define ACCOUNTS_LOCK_ADMINS  "accounts.admins"
#define ACCOUNTS_LOCK_API_KEY "accounts.api_key"

/* A copy with ASCII's capitals as small letters; other letters stay. NULL: the arena is at its cap.
 */
const char *people_small_letters(struct arena *arena, const char *text);

/* Takes the locks of a user name and of an e-mail address that are about to be given to somebody;
 * NULL: of none. */
void people_lock_names(struct call *call, struct db_params *params, const char *username,
                       const char *email);

/*
 * Notes PASSWORD_TOO_COMMON at `place` if the password is that, or the name or address itself.
 * call_invalid follows.
 */
void people_check_password(struct call *call, const char *place, const char *password,
                           const char *username, const char *email);

/* Who is about to get an account, as the request has it. */
struct newcomer {
    const char *username, *email, *password;
    const char *password_place; /* in the request: "/user/password" */
    bool registers;             /* by themselves: their hash waits behind everybody else's */
};

/*
 * The first half of making an account: sets `id` and `password_hash` and takes the locks of both
 * names. PASSWORD_TOO_COMMON, and what password_hash fails with.
 */
enum status people_ask_new(struct call *call, const struct newcomer *newcomer,
                           struct db_params *params) MUST_CHECK;

/*
 * The second half: reads the account that `statement` made; if it made none, the statement behind
 * it says in the columns `username_taken` and
 * `email_taken` why: USERNAME_TAKEN or EMAIL_TAKEN. It is neither when who had them went away in
 * the meantime: then once more.
 */
enum status people_answer_new(struct call *call, const struct newcomer *newcomer,
                              const struct db_rows *rows, size_t statement,
                              Depot__Accounts__V1__User *reply) MUST_CHECK;

/* End the call with RESOURCE_NOT_FOUND, and ETAG_MISMATCH. */
enum status people_no_user(struct call *call, const char *id);
enum status people_nobody(struct call *call); /* who asks has no account (any more) */
enum status people_no_api_key(struct call *call, const char *id);
enum status people_stale(struct call *call);

/* End the call with USERNAME_TAKEN, EMAIL_TAKEN, LAST_ADMIN. */
enum status people_username_taken(struct call *call, const char *username);
enum status people_email_taken(struct call *call, const char *email);
enum status people_last_admin(struct call *call);

#endif

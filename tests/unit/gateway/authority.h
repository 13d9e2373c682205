/*
 * The authority, as the fixture's service plays it: it gives out tokens, takes them back, and knows
 * some API keys.
 */
#ifndef DEPOT_TESTS_GATEWAY_AUTHORITY_H
#define DEPOT_TESTS_GATEWAY_AUTHORITY_H

#include <stdatomic.h>
#include <stdbool.h>

#include "auth/token.h"
#include "base/uuid.h"
#include "rpc/server.h"

#define ADA "01890000-0000-7000-8000-00000000ada0" /* whose tokens they are */

/* API keys that it knows; the roles of their tokens are in their names. */
#define KEY_MEMBER  "dpk_member"
#define KEY_MANAGER "dpk_manager"
#define KEY_READS   "dpk_reads"   /* a manager's, for `inventory.read` only */
#define KEY_EXPIRED "dpk_expired" /* is no longer good */

/* How often it was asked about an API key. */
extern atomic_uint authority_exchanges;
/* While true, it does not answer about API keys. */
extern atomic_bool authority_wedged;
/* While true, it answers nothing but UNAVAILABLE. */
extern atomic_bool authority_away;

/* New keys, nothing taken back. Called by fixture_start. */
void authority_open(void);

/* Answers PullAuthority or ExchangeApiKey. */
void authority_answer(struct rpc_served *served);

/* A good token of Ada's with this role ("member"); to be freed. */
char *authority_token(const char *role);

/* The same before it is signed, and signed. */
struct token_claims authority_claims(const char *role);
char *authority_sign(const struct token_claims *claims);

/* The session of the token that the n-th exchange, from 1 on, gave out. */
void authority_session(unsigned exchange, char out[static UUID_TEXT_BYTES]);

/* Takes back what has this session. */
void authority_revoke(const char *session);

/* From now on another key signs; tokens of the last one are no good any more. */
void authority_rotate(void);

#endif

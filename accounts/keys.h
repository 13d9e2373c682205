/*
 * Keys that access tokens are signed with. They live in the database, sealed with a key that comes
 * from SECRET_KEY: a replica has none of its own and remembers none. Whoever signs a token gets the
 * key with the statement that decides about the token, so a key that was taken back signs nothing
 * from that moment on.
 *
 * Each row says by `seal` which SECRET_KEY opens it. Keys that this process cannot open still
 * verify what others have signed; Upkeep makes one that it can.
 */
#ifndef DEPOT_ACCOUNTS_KEYS_H
#define DEPOT_ACCOUNTS_KEYS_H

#include <google/protobuf/empty.pb-c.h>

#include "auth/token.h"
#include "db/query.h"

enum { KEYS_SEAL_BYTES = 16 }; /* characters of the name of a seal */

/* The parameter `seal`: of the keys that this process can open. */
void keys_set_seal(struct call *call, struct db_params *params);

/* The parameters of a key that may be inserted: `kid`, `public_key`, `sealed_key`, `seal`. */
void keys_set_candidate(struct call *call, struct db_params *params);

/* A key that may be inserted, and `lead_s` until it signs, under the lock of keys. */
void keys_set_next(struct call *call, struct db_params *params);

/* The second half of the handlers of those who look after keys: nothing goes wrong. */
enum status keys_answer(struct call *call, const Google__Protobuf__Empty *request,
                        const struct db_rows *rows, Google__Protobuf__Empty *reply);

/* Opens a key from the hexadecimal digits of `sealed_key`. False: it is not what was sealed. */
bool keys_open(const char *kid, const char *sealed_hex,
               unsigned char secret[static TOKEN_SECRET_BYTES]);

#endif

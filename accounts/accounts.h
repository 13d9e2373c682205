/* What the handlers of accounts share: the contract's messages and the usual failures. */
#ifndef DEPOT_ACCOUNTS_ACCOUNTS_H
#define DEPOT_ACCOUNTS_ACCOUNTS_H

#include "base/call.h"
#include "db/query.h"
#include "depot/accounts/v1/accounts.handlers.h"
#include "depot/accounts/v1/accounts.schema.h"
#include "depot/auth/v1/authority.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "service/handler.h"

/*
 * The kinds of locks (db_lock): every write takes those of what it changes. Of an account by its
 * id, of its user name or e-mail address by that in small letters, of a session by its id; the rows
 * that say what was revoked have one lock together (""), so have signing keys.
 */
#define ACCOUNTS_LOCK_ACCOUNT    "accounts.account"
#define ACCOUNTS_LOCK_USERNAME   "accounts.account.username"
#define ACCOUNTS_LOCK_EMAIL      "accounts.account.email"
#define ACCOUNTS_LOCK_SESSION    "accounts.session"
#define ACCOUNTS_LOCK_REVOCATION "accounts.revocation"
#define ACCOUNTS_LOCK_KEYS       "accounts.signing_key"

#endif

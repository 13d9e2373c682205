/*
 * How long whoever has failed to log in waits until the next try. Failures are counted by what they
 * have in common: the pair of account and address, the address alone, the account alone. The more
 * there are the longer the wait, but nobody is ever locked out: from another address somebody whose
 * account others are trying waits a few seconds at most.
 *
 *     of a pair     from the 5th failure 1 s, twice as long with each, up to 60 s
 *     an address    from the 30th, likewise, up to 30 s
 *     an account    from the 50th, likewise, up to 5 s
 *
 * A failure is forgotten with every minute that passes without another one; a login forgets those
 * of the pair. The account is the name as it was given, in small letters: whether there is such an
 * account makes no difference, nor which name belongs to which e-mail address. Of an IPv6 address
 * what counts are its first 64 bits. The database sees keyed hashes only.
 */
#ifndef DEPOT_ACCOUNTS_BACKOFF_H
#define DEPOT_ACCOUNTS_BACKOFF_H

#include "db/query.h"

enum backoff_kind { BACKOFF_PAIR, BACKOFF_ADDRESS, BACKOFF_ACCOUNT, BACKOFF_KINDS };

/*
 * Sets the parameters `pair`, `address` and `account` (`::bytea`, subjects of login_failure) for a
 * try to log in as `name` by the call.
 */
void backoff_set(struct call *call, struct db_params *params, const char *name);

/* The same, and takes the locks of whoever counts failures. */
void backoff_set_locked(struct call *call, struct db_params *params, const char *name);

/* How long after the last of so many failures nothing is tried. */
int64_t backoff_wait_ms(enum backoff_kind kind, int64_t failures);

/*
 * How long it still takes until something may be tried; 0: it may be now. From the rows of a
 * statement with the columns `kind` (`pair`, `address`, `account`), `failures`, and `age_ms` since
 * the last of them.
 */
int64_t backoff_left_ms(const struct db_rows *rows, size_t statement);

/* Ends the call with LOGIN_BACKOFF. */
enum status backoff_fail(struct call *call, int64_t left_ms);

#endif

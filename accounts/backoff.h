/*
 * How long whoever has failed to log in waits until the next try. Failures are counted by what they
 * have in common: the pair of account and network, the network alone, the account alone.
 *
 *     of a pair     from the 5th failure 1 s, twice as long with each, up to 60 s
 *     a network     from the 30th, likewise, up to 30 s
 *     an account    from the 50th three of four tries are refused, by chance
 *
 * A failure is forgotten with every minute that passes without another one; a login forgets those
 * of the pair. So nobody is locked out: whose account others are trying gets in after a few tries,
 * and at once from a network from which the account has a session. The others have a quarter of
 * their guesses.
 *
 * The account is the name as it was given, in small letters: whether there is such an account makes
 * no difference, nor which name belongs to which e-mail address. A network is an IPv4 address or
 * the first 64 bits of an IPv6 address. Failures are kept under keyed hashes.
 *
 * Whoever registers from a network that has made many accounts waits, too: twenty at once or one in
 * three minutes (registration_wait_ms in the database).
 */
#ifndef DEPOT_ACCOUNTS_BACKOFF_H
#define DEPOT_ACCOUNTS_BACKOFF_H

#include "db/query.h"

enum backoff_kind { BACKOFF_PAIR, BACKOFF_ADDRESS, BACKOFF_ACCOUNT, BACKOFF_KINDS };

/*
 * The network that the call comes from: `192.0.2.1`, `2001:db8::/64`; "" if that is not known. In
 * the call's arena; NULL: that is at its cap.
 */
const char *backoff_network(struct call *call);

/*
 * Sets the parameters `pair`, `address` and `account` (`::bytea`, subjects of login_failure) for a
 * try to log in as `name` by the call, and `network`.
 */
void backoff_set(struct call *call, struct db_params *params, const char *name);

/* Sets the three subjects only, and takes the locks of whoever counts failures. */
void backoff_set_locked(struct call *call, struct db_params *params, const char *name);

/* Sets the parameter `registrations`, the subject of those by the call's network, and takes its
 * lock. */
void backoff_set_registrations(struct call *call, struct db_params *params);

/* How long after the last of so many failures nothing is tried; of an account, what whoever is
 * refused is told to wait. */
int64_t backoff_wait_ms(enum backoff_kind kind, int64_t failures);

/*
 * How long it still takes until something may be tried; 0: it may be now, and of an account that
 * others are trying it is so by chance. From the rows of failures_before: `kind` (`pair`,
 * `address`, `account`), `failures`, and `age_ms` since the last of them.
 */
int64_t backoff_left_ms(const struct db_rows *rows, size_t statement);

/* End the call with LOGIN_BACKOFF, RATE_LIMITED. */
enum status backoff_fail(struct call *call, int64_t left_ms);
enum status backoff_fail_registration(struct call *call, int64_t wait_ms);

#endif

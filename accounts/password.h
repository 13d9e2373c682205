/*
 * Passwords: hashed with argon2id, a few at a time, by threads that give way to everybody else.
 *
 * What is worth having about a stored password is that guessing it takes long. So does checking it:
 * a flood of logins would take all cores and memory. Therefore only PASSWORD_THREADS run at once,
 * each with PASSWORD_MEMORY_MIB, at a low priority; whoever comes meanwhile waits in a short queue,
 * until the deadline of the call, or is refused.
 */
#ifndef DEPOT_ACCOUNTS_PASSWORD_H
#define DEPOT_ACCOUNTS_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "base/status.h"

/* The least that is safe: RFC 9106 and OWASP's second choice for argon2id. */
enum { PASSWORD_MEMORY_MIB_MIN = 19, PASSWORD_PASSES_MIN = 2 };

struct password_options {
    int threads;    /* 0: half of the cores, at least one */
    int memory_mib; /* of each of them */
    int passes;
    int registrations; /* so many at once, be they hashed or waiting */
};

/*
 * Starts the threads, before anybody else calls anything here. INVALID_ARGUMENT: the parameters
 * are too low, or there is not the memory for one of them. Where nobody has opened it (tests run
 * handlers without a main) the first one who comes does, with the settings in force. It stays open
 * until password_close, which nobody may call while others are still in here.
 */
enum status password_open(const struct password_options *options, struct error *error) MUST_CHECK;
void password_close(void);

/*
 * Hashes a password with the parameters in force and new salt; `hash` is in the call's arena and
 * carries both. Blocks. OVERLOADED when the queue is full, DEADLINE_EXCEEDED when the call's time
 * is over first, as problems of the call. Any thread.
 */
enum status password_hash(struct call *call, const char *password, const char **hash) MUST_CHECK;

/* The same for whoever registers: behind everybody else, and only so many of them at once. */
enum status password_hash_registration(struct call *call, const char *password,
                                       const char **hash) MUST_CHECK;

/*
 * Whether a password is the one that was hashed. `hash` NULL: of nobody, which takes the same time
 * and never fits. `stale`: it was hashed with lower parameters than those in force. Errors and
 * threads as password_hash.
 */
enum status password_verify(struct call *call, const char *hash, const char *password, bool *fits,
                            bool *stale) MUST_CHECK;

/* How many have been computed so far in this process. */
uint64_t password_count(void);

/*
 * Whether it is one of those that are tried first, whatever the case of its letters: of a list of
 * the commonest, the same character again and again, a run along the alphabet, the digits or the
 * keyboard, the word "password" with digits behind it.
 */
bool password_is_common(const char *password);

/* Whether it is the user name, the e-mail address, or what is before its @; either may be "". */
bool password_is_own(const char *password, const char *username, const char *email);

#endif

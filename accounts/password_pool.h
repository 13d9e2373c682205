/*
 * The threads that compute passwords' hashes, and the queue before them. accounts/password.c puts a
 * face on it. Whoever registers is served when nobody else waits, and only so many may wait at
 * all: anybody may do that, from everywhere and without end, and people want to log in meanwhile.
 */
#ifndef DEPOT_ACCOUNTS_PASSWORD_POOL_H
#define DEPOT_ACCOUNTS_PASSWORD_POOL_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accounts/password.h"

/* Of whom, in the order in which they are served. */
enum password_kind {
    PASSWORD_OF_SOMEBODY,     /* has an account, or gets it from somebody who has one */
    PASSWORD_OF_REGISTRATION, /* of nobody in particular, for a new account */
    PASSWORD_KINDS
};

enum password_state {
    PASSWORD_WAITING,   /* in the queue */
    PASSWORD_RUNNING,   /* a thread has it */
    PASSWORD_DONE,      /* it has its result, or `failed` */
    PASSWORD_ABANDONED, /* a thread has it, but nobody waits for it */
};

/* One computation. On the heap, since a thread may still be at it when its caller's time is over.
 */
struct password_job {
    struct password_job *next;
    enum password_kind kind;
    enum password_state state;
    bool checks; /* whether `password` fits `hash`; else `hash` is made of it */
    bool fits;
    bool failed; /* there was no memory for it */
    char hash[crypto_pwhash_STRBYTES];
    size_t password_bytes;
    char password[];
};

/* A job without a hash, with a copy of the password. */
struct password_job *password_job_new(enum password_kind kind, const char *password);

/* Wipes it and gives its memory back. */
void password_job_free(struct password_job *self);

/* Starts `threads` threads, or ends them when they have done what is in the queue. */
void password_pool_open(const struct password_options *options);
void password_pool_close(void);

/*
 * Has a job computed, and waits for it. OK: done, and the caller's again. RESOURCE_EXHAUSTED: no
 * place in the queue is left for it; DEADLINE_EXCEEDED: it was not done by `deadline_us` (on
 * clock_us; INT64_MAX: no deadline); the job is gone in both cases.
 */
enum status password_pool_run(struct password_job *job, int64_t deadline_us) MUST_CHECK;

/* How many jobs were done. */
uint64_t password_pool_count(void);

#endif

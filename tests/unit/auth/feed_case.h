/* A server that stands for an authority, and a verifier with the thread that asks it. */
#ifndef UNIT_AUTH_FEED_CASE_H
#define UNIT_AUTH_FEED_CASE_H

#include <stdatomic.h>

#include "auth/feed.h"
#include "base/limits.h"
#include "fixture.h"
#include "support/capture.h"

enum { PAGES = 12, ASKED_MAX = 256 };

/* What the authority answers: the page that `after` asks for, or the last there is. */
extern struct answer pages[PAGES];
extern atomic_uint n_pages;
extern atomic_bool failing, talking_nonsense, held;
extern atomic_uint n_held; /* questions that wait since `held` */
extern atomic_int slow_ms; /* before each answer */

/* What it was asked. */
extern struct asked {
    char epoch[37];
    int32_t after;
    int64_t at_us;
} asked[ASKED_MAX];
extern atomic_uint n_asked;

extern struct auth_verifier *fed;
extern struct auth_feed *feed;

void feed_case_open(void);
void feed_case_close(void);

/* The server keeps its address; going down it answers what it was asked. */
void server_up(void);
void server_down(void);

/* The thread that asks the server. */
void feed_up(void);

/* Notes the question; the answer. */
Depot__Auth__V1__PullAuthorityResponse *
answer_to(const Depot__Auth__V1__PullAuthorityRequest *request);

/* False when it does not hold within a minute. */
bool wait_for(bool (*holds)(void));
bool is_ready(void);
bool asked_twice(void);
bool is_holding(void);
bool knows_a_revocation(void);

/* Of what is known. */
int64_t age_ms(void);

/* Waits for so many more questions; how long that took. */
int64_t time_of_questions_us(unsigned more);

/*
 * Between two questions from the one number to the other. A machine that is busy with other things
 * makes some pauses longer, never all of them.
 */
int64_t shortest_pause_us(unsigned from, unsigned to);

/* It is asked more and more seldom while it fails, and never less than once a second. */
void expect_patience(void);

/* What the log says, if it is captured here: that the authority is away, and back. */
extern struct capture log_lines;
bool said_away(void);
bool said_back(void);
void expect_log(size_t away, size_t back);

#endif

/* What a process knows of the authority, and whom it lets in by that. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "auth/remembered.h"
#include "base/clock.h"
#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "verifier_case.h"

TestSuite(verifier, .init = verifier_open, .fini = verifier_close, .timeout = 120);

Test(verifier, who_it_is)
{
    struct token_claims claims = claims_now(1);
    struct text token;

    claims.role = PB_ROLE_MANAGER;
    claims.is_program = true;
    strcpy(claims.scope, "inventory.read");
    token = write_token(&claims, 1);
    learn();
    for (int i = 0; i < 2; i++) { /* by its signature, and from memory */
        expect_reason(&token, NULL);
        cr_assert_str_eq(call.caller.id, ANNA);
        cr_assert_str_eq(call.caller.name, "anna");
        cr_assert_str_eq(call.caller.session, SESSION);
        cr_assert_str_eq(call.caller.scope, "inventory.read");
        cr_assert_eq(call.caller.role, PB_ROLE_MANAGER);
        cr_assert(call.caller.is_program);
        cr_assert_str_eq(call.principal, ANNA);
    }
    token = token_now(0);
    expect_reason(&token, NULL);
    cr_assert_not(call.caller.is_program);
    cr_assert_str_eq(call.caller.scope, "");
}

Test(verifier, a_signature_is_checked_once)
{
    struct text first = token_now(0), second = token_now(1), forged;

    learn();
    for (int i = 0; i < 5; i++) {
        expect_reason(&first, NULL);
        expect_reason(&second, NULL);
    }
    cr_assert_eq(counts().verified, 2);
    cr_assert_eq(counts().remembered, 8);
    cr_assert_eq(counts().n_tokens, 2);
    /* One byte other: it is another token, also if all that is hashed is the same. */
    forged = first;
    forged.text[100] = forged.text[100] == 'A' ? 'B' : 'A';
    expect_reason(&forged, &reason_token_invalid);
    forged = first;
    forged.bytes--;
    expect_reason(&forged, &reason_token_invalid);
    cr_assert_eq(counts().refused, 2);
    cr_assert_eq(counts().n_tokens, 2);
}

Test(verifier, what_is_refused_and_how)
{
    struct token_claims claims = claims_now(0);
    struct text token = {.text = "x", .bytes = 1};

    learn();
    expect_reason(&token, &reason_token_invalid);
    token.bytes = 0;
    expect_reason(&token, &reason_token_invalid);
    memset(token.text, 'A', 4096);
    token.bytes = 4096;
    expect_reason(&token, &reason_token_invalid);
    token = token_now(2);
    expect_reason(&token, &reason_token_invalid);
    claims.not_before_s += 60; /* the clock is late here: that is not its owner's fault */
    token = write_token(&claims, 0);
    expect_reason(&token, &reason_access_unknown);
    claims.not_before_s -= 600;
    claims.expires_s -= 360;
    token = write_token(&claims, 0);
    expect_reason(&token, &reason_token_expired);
    cr_assert_eq(counts().refused, 6);
    cr_assert_eq(counts().n_tokens, 0);
    cr_assert_eq(counts().verified, 0);
}

/* A refused caller learns neither which check failed nor anything about keys. */
Test(verifier, refusals_say_the_same)
{
    struct text unknown = token_now(2), forged = token_now(0);
    char first[256];

    learn();
    expect_reason(&unknown, &reason_token_invalid);
    snprintf(first, sizeof(first), "%s", call.problem.detail);
    forged.text[forged.bytes - 10] ^= 1;
    expect_reason(&forged, &reason_token_invalid);
    cr_assert_str_eq(call.problem.detail, first);
}

/* A key may have been made since: who has just been given its token is not told that it is bad. */
Test(verifier, an_unknown_key_while_out_of_touch)
{
    struct text unknown = token_now(2), known = token_now(0);
    int64_t asked_us = clock_us() - (LIMIT_AUTH_FRESH_MS + 500) * 1000;

    cr_assert(auth_verifier_learn(verifier, &answer.message, asked_us));
    expect_reason(&unknown, &reason_access_unknown);
    cr_assert_gt(call.problem.retry_after_ms, 0);
    expect_reason(&known, NULL);
    known.text[known.bytes - 10] ^= 1;
    expect_reason(&known, &reason_token_invalid);
    learn();
    expect_reason(&unknown, &reason_token_invalid);
}

/* How far the wall clock was set ahead, for everybody in this program. */
static int64_t ahead_s;

int
clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, time);

    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        time->tv_sec += ahead_s;
    }
    return result;
}

Test(verifier, a_clock_that_was_set_and_set_back_forgets_no_revocation)
{
    struct text token = token_now(0);

    answer_revoke_session(&answer, SESSION);
    learn();
    answer_init(&answer, 0, 2);
    ahead_s = 3600;
    learn();
    ahead_s = 0;
    expect_reason(&token, &reason_token_revoked);
}

Test(verifier, a_remembered_token_ends_in_time)
{
    struct token_claims claims = claims_now(0);
    struct text token;

    learn();
    claims.expires_s = claims.not_before_s + 2;
    token = write_token(&claims, 0);
    expect_reason(&token, NULL);
    while (clock_wall_us() / 1000000 < claims.expires_s) {
        poll(NULL, 0, 20);
    }
    poll(NULL, 0, 10); /* the coarse clock is some milliseconds late */
    expect_reason(&token, &reason_token_expired);
    cr_assert_eq(counts().verified, 1);
}

/* --- revocations --- */

Test(verifier, a_session_that_ended)
{
    struct token_claims claims = claims_now(0);
    struct text remembered = write_token(&claims, 0), fresh, other;

    claims.id[0] = '1';
    fresh = write_token(&claims, 0);
    claims.session[0] = '1';
    other = write_token(&claims, 0);
    learn();
    expect_reason(&remembered, NULL);
    expect_reason(&other, NULL);
    answer_revoke_session(&answer, SESSION);
    learn();
    expect_reason(&remembered, &reason_token_revoked);
    expect_reason(&fresh, &reason_token_revoked);
    expect_reason(&fresh, &reason_token_revoked);
    expect_reason(&other, NULL);
    cr_assert_eq(counts().verified, 3, "also what is revoked is checked once");
    answer_init(&answer, 0, 2);
    learn();
    expect_reason(&remembered, &reason_token_revoked);
    cr_assert_eq(counts().n_revocations, 1);
}

Test(verifier, a_generation_that_ended)
{
    struct token_claims claims = claims_now(0);
    struct text old = write_token(&claims, 0), new;

    learn();
    expect_reason(&old, NULL);
    answer_revoke_user(&answer, ANNA, 7);
    learn();
    expect_reason(&old, NULL);
    answer_revoke_user(&answer, ANNA, 8);
    learn();
    expect_reason(&old, &reason_token_revoked);
    claims.generation = 8;
    new = write_token(&claims, 0);
    expect_reason(&new, NULL);
    answer_revoke_user(&answer, "1195a3c0-7c00-7000-8000-000000000001", 100);
    learn();
    expect_reason(&new, NULL);
}

/* --- keys --- */

Test(verifier, keys_come_and_go)
{
    struct text first = token_now(0), second = token_now(1), third = token_now(2);
    struct text unseen;
    struct token_claims claims = claims_now(0);

    learn();
    expect_reason(&first, NULL);
    expect_reason(&second, NULL);
    expect_reason(&third, &reason_token_invalid);
    answer_init(&answer, 1, 2);
    learn();
    expect_reason(&third, NULL);
    expect_reason(&second, NULL);
    expect_reason(&first, &reason_token_revoked);
    claims.id[0] = '1';
    unseen = write_token(&claims, 0);
    expect_reason(&unseen, &reason_token_invalid);
    cr_assert_eq(counts().verified, 3);
    answer_init(&answer, 0, 2);
    learn();
    expect_reason(&first, &reason_token_revoked); /* what was taken back stays it */
    answer_init(&answer, 0, 0);
    learn();
    expect_reason(&second, &reason_token_revoked);
    expect_reason(&third, &reason_token_revoked);
}

/* A kid that stands for another key than before: tokens of the former are none of it. */
Test(verifier, a_kid_with_another_key)
{
    struct text token = token_now(0);

    learn();
    expect_reason(&token, NULL);
    answer.keys[0].public_key = answer.public_keys[1].text;
    learn();
    expect_reason(&token, &reason_token_revoked);
}

Test(verifier, keys_for_all_to_see)
{
    struct buf out = BUF_INIT, wanted = BUF_INIT;
    struct token_key keys[2] = {pair_of(0).key, pair_of(1).key};

    cr_assert_not(auth_verifier_write_jwks(verifier, &out));
    cr_assert_eq(out.length_bytes, 0);
    learn();
    cr_assert(auth_verifier_write_jwks(verifier, &out));
    token_write_jwks(&wanted, keys, 2);
    cr_assert_eq(out.length_bytes, wanted.length_bytes);
    cr_assert_eq(memcmp(out.data, wanted.data, out.length_bytes), 0);
    buf_fini(&out);
    buf_fini(&wanted);
}

/* --- many --- */

static struct text
nth_token(unsigned n)
{
    struct token_claims claims = claims_now(0);

    snprintf(claims.session, sizeof(claims.session), "0195a3c0-7c00-7000-9000-%012x", n);
    return write_token(&claims, 0);
}

/* Memory is bounded, and every token goes on being known for what it is. */
Test(verifier, more_tokens_than_places)
{
    enum { MANY = 10000 };
    struct text used = nth_token(0);
    struct auth_verifier_counts seen;

    learn();
    expect_reason(&used, NULL);
    for (unsigned i = 1; i < MANY; i++) {
        struct text token = nth_token(i);
        char session[37];

        snprintf(session, sizeof(session), "0195a3c0-7c00-7000-9000-%012x", i);
        expect_reason(&token, NULL);
        cr_assert_str_eq(call.caller.session, session);
        expect_reason(&used, NULL); /* one in use is not pushed out by many that are not */
        cr_assert_str_eq(call.caller.session, "0195a3c0-7c00-7000-9000-000000000000");
    }
    seen = counts();
    cr_assert_eq(seen.verified, MANY);
    cr_assert_leq(seen.n_tokens, LIMIT_AUTH_TOKENS);
    cr_assert_gt(seen.n_tokens, LIMIT_AUTH_TOKENS / 2);
}

/* Places of expired tokens go first. */
Test(verifier, expired_tokens_make_room)
{
    static struct remembered_tokens tokens;
    struct token_claims claims = claims_of(0);
    struct remembered *kept;
    uint64_t hash = 42 * REMEMBERED_SETS;

    remembered_init(&tokens);
    for (unsigned i = 0; i < REMEMBERED_WAYS + 1; i++) {
        char token[8];

        snprintf(token, sizeof(token), "t%u", i);
        claims.expires_s = i == 5 ? NOW_S : NOW_S + 100;
        remembered_put(&tokens, hash + i * REMEMBERED_SETS,
                       remembered_new(&claims, 1, token, strlen(token)), NOW_S);
    }
    cr_assert_eq(tokens.n_tokens, REMEMBERED_WAYS);
    cr_assert_null(remembered_find(&tokens, hash + 5 * REMEMBERED_SETS, "t5", 2));
    kept = remembered_find(&tokens, hash, "t0", 2);
    cr_assert_not_null(kept);
    cr_assert_null(remembered_find(&tokens, hash, "t1", 2), "the hash alone is not enough");
    /* Then the one longest unused. */
    remembered_put(&tokens, hash + 99 * REMEMBERED_SETS, remembered_new(&claims, 1, "x", 1), NOW_S);
    cr_assert_null(remembered_find(&tokens, hash + 1 * REMEMBERED_SETS, "t1", 2));
    cr_assert_eq(remembered_find(&tokens, hash, "t0", 2), kept);
    remembered_clear(&tokens);
    cr_assert_eq(tokens.n_tokens, 0);
    cr_assert_null(remembered_find(&tokens, hash, "t0", 2));
}

/* A call without memory fails; it is not let through as nobody. */
Test(verifier, no_memory_left)
{
    struct text token = token_now(0);
    struct arena small;

    learn();
    arena_init(&small, 64, 32);
    call_init(&call, &small);
    cr_assert_eq(auth_verifier_check(verifier, &call, token.text, token.bytes), STATUS_INTERNAL);
    cr_assert_eq(call.problem.reason, &reason_internal_error);
    cr_assert_str_eq(call.caller.id, "");
    arena_fini(&small);
}

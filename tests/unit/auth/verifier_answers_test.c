/* What an authority's answers change, how old they may get, and those that make no sense. */
#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "verifier_case.h"

TestSuite(verifier_answers, .init = verifier_open, .fini = verifier_close, .timeout = 120);

Test(verifier_answers, another_epoch)
{
    struct text token = token_now(0);
    char epoch[37];

    cr_assert_eq(auth_verifier_known(verifier, epoch), 0);
    cr_assert_str_eq(epoch, "");
    answer_revoke_session(&answer, SESSION);
    answer.message.last = 41;
    learn();
    cr_assert_eq(auth_verifier_known(verifier, epoch), 41);
    cr_assert_str_eq(epoch, EPOCH);
    expect_reason(&token, &reason_token_revoked);
    answer_init(&answer, 0, 2);
    answer.message.epoch = (char *)"another";
    answer.message.last = 3;
    learn();
    cr_assert_eq(auth_verifier_known(verifier, epoch), 3);
    cr_assert_str_eq(epoch, "another");
    cr_assert_eq(counts().n_revocations, 0);
    cr_assert_eq(counts().n_tokens, 0);
    expect_reason(&token, NULL);
}

Test(verifier_answers, another_issuer)
{
    struct text token = token_now(0);

    learn();
    expect_reason(&token, NULL);
    answer.message.issuer = (char *)"https://other.example";
    learn();
    expect_reason(&token, &reason_token_invalid);
    answer_init(&answer, 0, 2);
    learn();
    expect_reason(&token, NULL);
    answer.message.audience = (char *)"other";
    learn();
    expect_reason(&token, &reason_token_invalid);
}

Test(verifier_answers, knowledge_grows_old)
{
    struct text token = token_now(0);

    expect_ready(false);
    cr_assert_eq(counts().age_ms, -1);
    expect_reason(&token, &reason_access_unknown);
    cr_assert_gt(call.problem.retry_after_ms, 0);
    learn();
    expect_ready(true);
    expect_reason(&token, NULL);
    cr_assert_geq(counts().age_ms, 0);
    cr_assert_lt(counts().age_ms, 10000);
    /* The age is that of the question: what was revoked while the answer was on its way is not in
     * it. An answer that was long under way does not make older what is known. */
    cr_assert(
        auth_verifier_learn(verifier, &answer.message, clock_us() - (MAX_AGE_MS + 1000) * 1000));
    expect_ready(true);
}

Test(verifier_answers, old_knowledge_lets_nobody_in)
{
    struct text token = token_now(0);
    int64_t almost_us = clock_us() - (MAX_AGE_MS - 2000) * 1000;

    cr_assert(auth_verifier_learn(verifier, &answer.message, almost_us));
    expect_reason(&token, NULL);
    poll(NULL, 0, 2100);
    expect_ready(false);
    expect_reason(&token, &reason_access_unknown);
    cr_assert_gt(counts().age_ms, MAX_AGE_MS);
    learn();
    expect_ready(true);
    expect_reason(&token, NULL);
    cr_assert_eq(counts().verified, 1);
}

/* Half of an answer is no answer: what is still to come may be what revokes this very token. */
Test(verifier_answers, more_to_come)
{
    struct text token = token_now(0);

    answer.message.more = true;
    learn();
    expect_ready(false);
    expect_reason(&token, &reason_access_unknown);
    answer_revoke_session(&answer, SESSION);
    answer.message.more = false;
    learn();
    expect_ready(true);
    expect_reason(&token, &reason_token_revoked);
    answer_init(&answer, 0, 2);
    answer.message.epoch = (char *)"another";
    answer.message.more = true;
    learn();
    expect_ready(false);
}

static void
expect_nonsense(void)
{
    struct text token = token_now(0);

    cr_assert_not(auth_verifier_learn(verifier, &answer.message, clock_us()));
    cr_assert_eq(counts().n_revocations, 0);
    cr_assert_eq(counts().n_keys, 2);
    expect_reason(&token, NULL);
    answer_init(&answer, 1, 1);
    answer_revoke_session(&answer, SESSION);
}

Test(verifier_answers, answers_that_make_no_sense)
{
    char longest[TOKEN_ISSUER_BYTES + 2];

    learn();
    answer_init(&answer, 1, 1);
    answer_revoke_session(&answer, SESSION);
    answer.message.epoch = (char *)"";
    expect_nonsense();
    answer.message.epoch = (char *)EPOCH "1";
    expect_nonsense();
    answer.message.issuer = (char *)"";
    expect_nonsense();
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    answer.message.audience = longest;
    expect_nonsense();
    answer.message.audience = (char *)"a\"b";
    expect_nonsense();
    answer.keys[0].algorithm = (char *)"ES256";
    expect_nonsense();
    answer.keys[0].kid = (char *)"short";
    expect_nonsense();
    answer.keys[0].kid = (char *)"a/b:c\"d'e.f=g+h,";
    expect_nonsense();
    answer.keys[0].public_key = (char *)"AAAA";
    expect_nonsense();
    answer.keys[0].public_key[0] = '=';
    expect_nonsense();
    answer.revocations[0].session_id = (char *)"";
    expect_nonsense();
    answer.revocations[0].session_id = (char *)"anna";
    expect_nonsense();
    answer_init(&answer, 1, 1);
    answer_revoke_user(&answer, ANNA, -1);
    expect_nonsense();
    answer_init(&answer, 1, 2);
    answer.keys[1].kid = answer.keys[0].kid;
    expect_nonsense();
    answer_init(&answer, 0, LIMIT_AUTH_KEYS + 1);
    expect_nonsense();
    answer_init(&answer, 0, LIMIT_AUTH_KEYS);
    learn();
    cr_assert_eq(counts().n_keys, LIMIT_AUTH_KEYS);
}

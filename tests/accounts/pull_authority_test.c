#include "desk.h"

static struct desk desk;

static void
open_desk(void)
{
    desk_open(&desk);
}

static void
close_desk(void)
{
    desk_close(&desk);
}

TestSuite(pull_authority, .init = open_desk, .fini = close_desk, .timeout = 120);

Test(pull_authority, first)
{
    const Depot__Auth__V1__PullAuthorityResponse *news = desk_pull(&desk, "", 0);

    desk_expect(&desk, "SELECT epoch FROM authority", news->epoch);
    cr_assert_str_eq(news->issuer, "depot");
    cr_assert_str_eq(news->audience, "depot");
    cr_assert_eq(news->n_keys, 1);
    desk_expect(&desk, "SELECT kid FROM signing_key", news->keys[0]->kid);
    cr_assert_eq(news->n_revocations, 0);
    cr_assert_eq(news->last, 0);
    cr_assert_not(news->more);
}

/* What is new since the last time; all of it for whoever knew another life of the database. */
Test(pull_authority, revocations)
{
    const Depot__Auth__V1__PullAuthorityResponse *news;
    const char *epoch = desk_pull(&desk, "", 0)->epoch;

    desk_run(&desk, "INSERT INTO revocation (session_id) VALUES ('" SESSION "')");
    desk_run(&desk, "INSERT INTO revocation (account_id, generation, expire_time) "
                    "VALUES ('" ADA "', 3, now() + interval '30.5 seconds')");
    news = desk_pull(&desk, epoch, 0);
    cr_assert_eq(news->n_revocations, 2);
    cr_assert_eq(news->last, 2);
    cr_assert_str_eq(news->revocations[0]->session_id, SESSION);
    cr_assert_str_eq(news->revocations[0]->user_id, "");
    cr_assert_eq(news->revocations[0]->matters_s, 660);
    cr_assert_str_eq(news->revocations[1]->session_id, "");
    cr_assert_str_eq(news->revocations[1]->user_id, ADA);
    cr_assert_eq(news->revocations[1]->generation, 3);
    cr_assert(news->revocations[1]->matters_s == 30 || news->revocations[1]->matters_s == 31);
    news = desk_pull(&desk, epoch, 1);
    cr_assert_eq(news->n_revocations, 1);
    news = desk_pull(&desk, epoch, 2);
    cr_assert_eq(news->n_revocations, 0);
    cr_assert_eq(news->last, 2);
    cr_assert_eq(desk_pull(&desk, NONE, 2)->n_revocations, 2);
}

/* After a restore numbers are given once more: nobody must go on behind them. */
Test(pull_authority, numbers_that_were_never_given)
{
    const Depot__Auth__V1__PullAuthorityResponse *news;
    const char *epoch = desk_pull(&desk, "", 0)->epoch;

    desk_run(&desk, "INSERT INTO revocation (session_id) VALUES ('" SESSION "')");
    news = desk_pull(&desk, epoch, 17);
    cr_assert_eq(news->n_revocations, 1);
    cr_assert_eq(news->last, 1);
    cr_assert_eq(desk_pull(&desk, epoch, 1)->n_revocations, 0);
}

Test(pull_authority, leaves_out_what_is_over)
{
    desk_run(&desk,
             "INSERT INTO revocation (session_id, expire_time) VALUES ('" SESSION "', now())");
    desk_run(&desk, "INSERT INTO signing_key (kid, public_key, sealed_key, seal, sign_time, "
                    "expire_time) VALUES ('0123456789abcdef', sha256('x'), '', "
                    "'0123456789abcdef', now() - interval '2 days', now())");
    cr_assert_eq(desk_pull(&desk, "", 0)->n_revocations, 0);
    cr_assert_eq(desk_pull(&desk, "", 0)->n_keys, 1);
}

Test(pull_authority, goes_on)
{
    const Depot__Auth__V1__PullAuthorityResponse *news;

    desk_run(&desk, "INSERT INTO revocation (session_id) "
                    "SELECT gen_random_uuid() FROM generate_series(1, 1001)");
    news = desk_pull(&desk, "", 0);
    cr_assert_eq(news->n_revocations, 1000);
    cr_assert_eq(news->last, 1000);
    cr_assert(news->more);
    news = desk_pull(&desk, news->epoch, news->last);
    cr_assert_eq(news->n_revocations, 1);
    cr_assert_eq(news->last, 1001);
    cr_assert_not(news->more);
}

/* A key that signs nothing yet is given out already, one that signs nothing more still is. */
Test(pull_authority, keys)
{
    desk_run(&desk, "INSERT INTO signing_key (kid, public_key, sealed_key, seal, sign_time, "
                    "expire_time) VALUES ('0123456789abcdef', sha256('x'), '', "
                    "'0123456789abcdef', now() + interval '90 s', NULL), ('0123456789abcdeF', "
                    "sha256('x'), '', '0123456789abcdef', now() - interval '1 day', "
                    "now() + interval '1 s')");
    cr_assert_eq(desk_pull(&desk, "", 0)->n_keys, 3);
}

#include "rpc/queue.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/limits.h"
#include "fixture.h"

enum { NOW_US = 1000000 };

static struct queue queue;
static struct rpc_request *taken[LIMIT_FRAME_CALLS];

static void
put(struct trial *trial, const char *principal)
{
    trial->request.principal = principal;
    trial->request.deadline_us = INT64_MAX;
    queue_prepare(&trial->request);
    queue_append(&queue, &trial->request);
}

static size_t take(enum pb_class class)
{
    return queue_take(&queue, class, NOW_US, taken);
}

Test(queue, empty)
{
    for (unsigned class = 0; class < PB_CLASSES; class ++) {
        cr_assert_eq(take((enum pb_class) class), 0);
    }
}

Test(queue, order_of_one_principal_is_kept)
{
    static struct trial trials[100];

    for (unsigned i = 0; i < 100; i++) {
        trial_get(&trials[i], i, "r");
        put(&trials[i], "anna");
    }
    cr_assert_eq(take(PB_CLASS_POINT), LIMIT_FRAME_CALLS);
    for (unsigned i = 0; i < LIMIT_FRAME_CALLS; i++) {
        cr_assert_eq(taken[i], &trials[i].request);
    }
    cr_assert_eq(queue.n, 100 - LIMIT_FRAME_CALLS);
    cr_assert_eq(take(PB_CLASS_POINT), 100 - LIMIT_FRAME_CALLS);
    cr_assert_eq(taken[0], &trials[LIMIT_FRAME_CALLS].request);
    cr_assert_eq(queue.n, 0);
}

static size_t
taken_of(const char *principal, size_t n)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        found += taken[i]->principal == principal;
    }
    return found;
}

Test(queue, principals_take_turns)
{
    static struct trial many[300], few[3];
    static const char anna[] = "anna", bela[] = "bela", cleo[] = "cleo";
    size_t n;

    for (unsigned i = 0; i < 300; i++) {
        trial_get(&many[i], i, "r");
        put(&many[i], i % 2 == 0 ? anna : bela);
    }
    for (unsigned i = 0; i < 3; i++) {
        trial_get(&few[i], i, "r");
        put(&few[i], cleo);
    }
    n = take(PB_CLASS_POINT);
    cr_assert_eq(n, LIMIT_FRAME_CALLS);
    cr_assert_eq(taken_of(cleo, n), 3);
    cr_assert_geq(taken_of(anna, n), 30);
    cr_assert_geq(taken_of(bela, n), 30);
}

Test(queue, turn_goes_on_with_the_next_principal)
{
    static struct trial lists[64];
    static char names[64][8];
    size_t distinct = 0;

    for (unsigned i = 0; i < 64; i++) {
        trial_list(&lists[i], "r");
        snprintf(names[i], sizeof(names[i]), "p%u", i % 32);
        put(&lists[i], names[i]);
    }
    for (unsigned frame = 0; frame < 4; frame++) {
        cr_assert_eq(take(PB_CLASS_LIST), LIMIT_FRAME_LISTS);
    }
    /* After half of the calls every bucket had its turn once: nobody was served twice. */
    for (unsigned class = 0; class < QUEUE_BUCKETS; class ++) {
        distinct += queue.buckets[PB_CLASS_LIST][class].n > 0;
    }
    cr_assert_gt(distinct, 16);
    cr_assert_eq(queue.n, 32);
}

Test(queue, classes_do_not_mix)
{
    struct trial get, list, create;

    trial_get(&get, 1, "r");
    trial_list(&list, "r");
    trial_create(&create, 1, "r");
    put(&get, "anna");
    put(&list, "anna");
    put(&create, "anna");
    cr_assert_eq(take(PB_CLASS_WRITE), 1);
    cr_assert_eq(taken[0], &create.request);
    cr_assert_eq(take(PB_CLASS_LIST), 1);
    cr_assert_eq(taken[0], &list.request);
    cr_assert_eq(take(PB_CLASS_POINT), 1);
    cr_assert_eq(taken[0], &get.request);
}

Test(queue, long_calls_are_alone)
{
    struct pb_method slow = depot__inventory__v1__inventory_service__get_resource__method;
    struct trial trials[3];

    slow.class = PB_CLASS_LONG;
    for (unsigned i = 0; i < 3; i++) {
        trial_get(&trials[i], i, "r");
        trials[i].request.method = &slow;
        put(&trials[i], "anna");
    }
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(take(PB_CLASS_LONG), 1);
    }
    cr_assert_eq(take(PB_CLASS_LONG), 0);
}

Test(queue, held_lanes_wait)
{
    struct trial hot[3], other;

    for (unsigned i = 0; i < 3; i++) {
        trial_create(&hot[i], 1, "r");
        put(&hot[i], "anna");
    }
    trial_create(&other, 2, "r");
    put(&other, "anna");
    queue_hold(&queue, hot[0].request.affinity);
    cr_assert_eq(take(PB_CLASS_WRITE), 1);
    cr_assert_eq(taken[0], &other.request);
    cr_assert_eq(take(PB_CLASS_WRITE), 0);
    cr_assert_eq(queue.n, 3);
    queue_hold(&queue, hot[0].request.affinity);
    queue_release(&queue, hot[0].request.affinity);
    cr_assert_eq(take(PB_CLASS_WRITE), 0);
    queue_release(&queue, hot[0].request.affinity);
    for (unsigned i = 0; i < 3; i++) { /* nobody holds the lane here */
        cr_assert_eq(take(PB_CLASS_WRITE), 1);
        cr_assert_eq(taken[0], &hot[i].request);
    }
    cr_assert_eq(queue.n, 0);
}

/* The service works on writes of one affinity one after another: the frame's strangers would wait
 * for all of them. */
Test(queue, one_call_of_an_affinity_in_a_frame)
{
    static struct trial hot[63], strangers[10];

    for (unsigned i = 0; i < 63; i++) {
        trial_create(&hot[i], 1, "r");
        put(&hot[i], "anna");
    }
    for (unsigned i = 0; i < 10; i++) {
        trial_create(&strangers[i], 2 + i, "r");
        put(&strangers[i], i % 2 == 0 ? "anna" : "bela");
    }
    cr_assert_eq(take(PB_CLASS_WRITE), 11, "all strangers, and one of the crowd");
    cr_assert_eq(queue.n, 62);
    for (unsigned i = 0; i < 62; i++) {
        cr_assert_eq(take(PB_CLASS_WRITE), 1);
    }
}

Test(queue, a_uuid_in_capitals_is_the_same_affinity)
{
    static char small[] = "01900000-0000-7000-8000-0000000000af";
    static char capitals[] = "01900000-0000-7000-8000-0000000000AF";
    struct trial one, other;

    trial_create(&one, 1, "r");
    trial_create(&other, 2, "r");
    one.create.resource_id = small;
    other.create.resource_id = capitals;
    put(&one, "anna");
    put(&other, "anna");
    cr_assert_eq(one.request.affinity, other.request.affinity);
    cr_assert_eq(take(PB_CLASS_WRITE), 1);
    cr_assert_eq(take(PB_CLASS_WRITE), 1);
}

/* It has a transaction of its own, which is undone. */
Test(queue, a_call_that_only_validates_is_alone)
{
    struct trial trials[4];

    for (unsigned i = 0; i < 4; i++) {
        trial_create(&trials[i], i, "r");
        trials[i].request.validate_only = i == 1;
        put(&trials[i], "anna");
    }
    cr_assert_eq(take(PB_CLASS_WRITE), 3);
    cr_assert_eq(taken[1], &trials[2].request);
    cr_assert_eq(take(PB_CLASS_WRITE), 1);
    cr_assert_eq(taken[0], &trials[1].request);
}

Test(queue, affinity_is_the_value_whatever_the_method)
{
    struct trial create, get;
    struct rpc_request delete;
    Depot__Inventory__V1__DeleteResourceRequest message =
        DEPOT__INVENTORY__V1__DELETE_RESOURCE_REQUEST__INIT;

    trial_create(&create, 1, "r");
    put(&create, "anna");
    trial_get(&get, 1, "r");
    put(&get, "anna");
    delete = create.request;
    delete.method = &depot__inventory__v1__inventory_service__delete_resource__method;
    delete.message = &message.base;
    message.id = create.id;
    queue_prepare(&delete);
    cr_assert_eq(delete.affinity, create.request.affinity);
    cr_assert_neq(create.request.affinity, 0);
    cr_assert_eq(get.request.affinity, 0);
}

Test(queue, keys_count_with_principal_and_method)
{
    struct trial trials[4];

    for (unsigned i = 0; i < 4; i++) {
        trial_create(&trials[i], i, "r");
        trials[i].request.idempotency_key = i == 3 ? "other" : "key";
        put(&trials[i], i == 2 ? "bela" : "anna");
    }
    cr_assert_eq(take(PB_CLASS_WRITE), 3);
    cr_assert_eq(take(PB_CLASS_WRITE), 1);
    cr_assert_eq(taken[0] == &trials[1].request || taken[0] == &trials[0].request, true);
}

Test(queue, frames_are_bounded_in_bytes)
{
    static struct trial trials[20];
    static char text[500000];
    size_t n = 0;

    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        text[i] = 'x';
    }
    for (unsigned i = 0; i < 20; i++) {
        trial_create(&trials[i], i, "r");
        trials[i].allocation.description = text;
        put(&trials[i], "anna");
    }
    n = take(PB_CLASS_WRITE);
    cr_assert_eq(n, LIMIT_FRAME_BYTES / sizeof(text));
    cr_assert_eq(take(PB_CLASS_WRITE), n);
}

Test(queue, urgent_calls_are_alone_wherever_they_stand)
{
    struct trial trials[4];

    for (unsigned i = 0; i < 4; i++) {
        trial_get(&trials[i], i, "r");
        put(&trials[i], "anna");
    }
    trials[0].request.deadline_us = NOW_US + LIMIT_URGENT_MS * 1000 - 1;
    trials[2].request.deadline_us = NOW_US + 1;
    trials[3].request.deadline_us = NOW_US + LIMIT_URGENT_MS * 1000;
    cr_assert_eq(take(PB_CLASS_POINT), 1);
    cr_assert_eq(taken[0], &trials[0].request);
    cr_assert_eq(take(PB_CLASS_POINT), 2);
    cr_assert_eq(take(PB_CLASS_POINT), 1);
    cr_assert_eq(taken[0], &trials[2].request);
}

Test(queue, removing_from_the_middle)
{
    struct trial trials[3];

    for (unsigned i = 0; i < 3; i++) {
        trial_get(&trials[i], i, "r");
        put(&trials[i], "anna");
        cr_assert_eq(queue_holds(&queue, &trials[i].request), true);
    }
    queue_remove(&queue, &trials[1].request);
    cr_assert_eq(queue_holds(&queue, &trials[1].request), false);
    queue_prepend(&queue, &trials[1].request);
    queue_remove(&queue, &trials[2].request);
    cr_assert_eq(take(PB_CLASS_POINT), 2);
    cr_assert_eq(taken[0], &trials[1].request);
    cr_assert_eq(taken[1], &trials[0].request);
}

#include "gateway/timer.h"

#include <criterion/criterion.h>

Test(timer, the_first_set_is_the_first_due)
{
    struct timer_list list = {.duration_us = 100};
    struct timer a = {0}, b = {0}, c = {0};

    cr_assert_eq(timer_list_next_us(&list), INT64_MAX);
    timer_set(&a, &list, 0);
    timer_set(&b, &list, 10);
    timer_set(&c, &list, 20);
    cr_assert_eq(timer_list_next_us(&list), 100);
    cr_assert_null(timer_list_take(&list, 99));
    cr_assert_eq(timer_list_take(&list, 110), &a);
    cr_assert_eq(timer_list_take(&list, 110), &b);
    cr_assert_null(timer_list_take(&list, 110));
    cr_assert_eq(timer_list_next_us(&list), 120);
}

Test(timer, setting_again_moves_it_to_the_end)
{
    struct timer_list list = {.duration_us = 100};
    struct timer a = {0}, b = {0};

    timer_set(&a, &list, 0);
    timer_set(&b, &list, 10);
    timer_set(&a, &list, 20);
    cr_assert_eq(timer_list_take(&list, 1000), &b);
    cr_assert_eq(timer_list_take(&list, 1000), &a);
    cr_assert_null(timer_list_take(&list, 1000));
}

Test(timer, another_list_takes_it_over)
{
    struct timer_list one = {.duration_us = 100}, other = {.duration_us = 5};
    struct timer a = {0};

    timer_set(&a, &one, 0);
    timer_set(&a, &other, 0);
    cr_assert_eq(timer_list_next_us(&one), INT64_MAX);
    cr_assert_eq(timer_list_take(&other, 5), &a);
    cr_assert_null(a.list);
}

Test(timer, each_place_in_the_list_can_be_cleared)
{
    for (int victim = 0; victim < 3; victim++) {
        struct timer_list list = {.duration_us = 1};
        struct timer timers[3] = {0};

        for (int i = 0; i < 3; i++) {
            timer_set(&timers[i], &list, i);
        }
        timer_clear(&timers[victim]);
        timer_clear(&timers[victim]); /* twice is harmless */
        for (int i = 0; i < 3; i++) {
            if (i != victim) {
                cr_assert_eq(timer_list_take(&list, 10), &timers[i]);
            }
        }
        cr_assert_null(timer_list_take(&list, 10));
        cr_assert_null(list.last);
    }
}

#include "support/wait.h"

#include <time.h>

enum { PAUSE_MS = 10, PAUSES = 6000 };

bool
test_wait(bool (*is_so)(void *closure), void *closure)
{
    for (int i = 0; i < PAUSES; i++) {
        struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

        if (is_so(closure)) {
            return true;
        }
        nanosleep(&pause, NULL);
    }
    return false;
}

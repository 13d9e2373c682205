/*
 * Assertions that stay on in release builds. They are for bugs of ours; whatever a client, a peer
 * or the system can cause returns a status instead.
 */
#ifndef DEPOT_BASE_ASSERT_H
#define DEPOT_BASE_ASSERT_H

/* Writes where and what to standard error and aborts. */
_Noreturn void assert_failed(const char *file, int line, const char *expression);

#define ASSERT(expression) ((expression) ? (void)0 : assert_failed(__FILE__, __LINE__, #expression))

/* For places that cannot be reached. */
#define ASSERT_NEVER(why) assert_failed(__FILE__, __LINE__, why)

#endif

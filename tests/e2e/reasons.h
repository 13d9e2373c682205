/*
 * The reasons for failure that more than one request alone produces, and where: one list, which
 * reasons_test.c holds against the contract.
 */
#ifndef DEPOT_TESTS_E2E_REASONS_H
#define DEPOT_TESTS_E2E_REASONS_H

/* clang-format off */

/* reasons_events_test.c: something must happen first. */
#define REASONS_OF_EVENTS(X) \
    X(REQUEST_TIMEOUT) X(REQUEST_IN_PROGRESS) X(RATE_LIMITED) X(REPLY_TOO_LARGE) X(INTERNAL_ERROR) \
    X(DB_UNAVAILABLE) X(SERVICE_DOWN) X(OVERLOADED) X(OUTCOME_UNKNOWN) X(NOT_READY) \
    X(DEADLINE_EXCEEDED)

/* reasons_access_test.c: who asks, and what becomes of accounts. */
#define REASONS_OF_ACCESS(X) \
    X(TOKEN_MISSING) X(TOKEN_INVALID) X(TOKEN_EXPIRED) X(TOKEN_REVOKED) X(NOT_ALLOWED) \
    X(ACCESS_UNKNOWN) X(USERNAME_TAKEN) X(EMAIL_TAKEN) X(PASSWORD_TOO_COMMON) X(LOGIN_FAILED) \
    X(LOGIN_BACKOFF) X(ACCOUNT_INACTIVE) X(REFRESH_FAILED) X(PASSWORD_WRONG) X(LAST_ADMIN) \
    X(TOO_MANY_API_KEYS) X(API_KEY_NAME_TAKEN) X(EXPIRY_OUT_OF_RANGE) X(REGISTRATION_CLOSED)

/* clang-format on */

#endif

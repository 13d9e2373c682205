/* A gateway that asks who is asking, with an authority of the test's, and requests to it. */
#ifndef UNIT_GATEWAY_ACCESS_CASE_H
#define UNIT_GATEWAY_ACCESS_CASE_H

#include "authority.h"
#include "fixture.h"

#define GOOD_LOGIN                                                                                 \
    JSON "Content-Length: 44\r\n\r\n{\"username\":\"ada\",\"password\":\"0123456789ab\"} "
#define NEW_CAR JSON "Content-Length: 12\r\n\r\n{\"name\":\"a\"}"

enum { PATIENCE_US = 30 * 1000000 };

extern struct fixture fixture;

void access_start(void);
void access_stop(void);

int port(void);
void nap(void);

/* A whole request. */
void ask(const char *request, struct answer *answer);

/* One request line, with `Authorization: <credentials>` (NULL: none) and what follows the head. */
void ask_as(const char *line, const char *credentials, const char *rest, struct answer *answer);
void expect_as(const char *line, const char *credentials, const char *rest, int status,
               const char *reason);

/* Asks until the answer has the status. */
void wait_for(const char *line, const char *credentials, int status, const char *reason);

/* `Bearer` and the text, which is freed; lives until the next call but three. */
const char *bearer(char *text);

/* Credentials of somebody of that role. */
const char *as(const char *role);

#endif

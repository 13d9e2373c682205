#include "access_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

struct fixture fixture;

void
access_start(void)
{
    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    fixture_start(&fixture);
}

void
access_stop(void)
{
    fixture_stop(&fixture);
}

int
port(void)
{
    return gateway_port(&fixture.gateway);
}

void
ask(const char *request, struct answer *answer)
{
    int fd = client_open(port());

    client_send(fd, request);
    answer_read(fd, answer, strncmp(request, "HEAD", 4) == 0);
    close(fd);
}

void
ask_as(const char *line, const char *credentials, const char *rest, struct answer *answer)
{
    char request[8192];

    snprintf(request, sizeof(request), "%s" HTTP "%s%s%s%s", line,
             credentials == NULL ? "" : "Authorization: ", credentials == NULL ? "" : credentials,
             credentials == NULL ? "" : "\r\n", rest);
    ask(request, answer);
}

void
expect_as(const char *line, const char *credentials, const char *rest, int status,
          const char *reason)
{
    struct answer answer;

    ask_as(line, credentials, rest, &answer);
    cr_assert_eq(answer.status, status, "%s, %s: %s%s", line, credentials, answer.head,
                 answer.body);
    answer_expect(&answer, status, reason);
    answer_free(&answer);
}

const char *
bearer(char *text)
{
    static char kept[4][TOKEN_TEXT_MAX_BYTES + 16];
    static size_t n;
    char *at = kept[n++ % 4];

    snprintf(at, sizeof(kept[0]), "Bearer %s", text);
    free(text);
    return at;
}

const char *
as(const char *role)
{
    return bearer(authority_token(role));
}

void
nap(void)
{
    usleep(10000);
}

void
wait_for(const char *line, const char *credentials, int status, const char *reason)
{
    int64_t end_us = clock_us() + PATIENCE_US;
    struct answer answer;

    ask_as(line, credentials, "\r\n", &answer);
    while (answer.status != status && clock_us() < end_us) {
        answer_free(&answer);
        nap();
        ask_as(line, credentials, "\r\n", &answer);
    }
    answer_expect(&answer, status, reason);
    answer_free(&answer);
}

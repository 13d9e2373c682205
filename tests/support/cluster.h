/*
 * Databases for tests: each test that needs one gets a fresh one in the cluster of the test run.
 *
 * tests/run.sh starts the cluster and says in the environment where it is. Without it a test
 * fails: one that is skipped in silence guards nothing.
 */
#ifndef DEPOT_TESTS_SUPPORT_CLUSTER_H
#define DEPOT_TESTS_SUPPORT_CLUSTER_H

#include <stddef.h>

struct test_database {
    char name[64];
    char url[1024]; /* postgresql://..., through the cluster's socket */
};

/*
 * Makes an empty database of a name that nobody has; its sessions look into the schemas of
 * inventory and accounts, then into public, unless they say otherwise. Every failure ends the test.
 */
void test_database_open(struct test_database *self);

/*
 * Makes the service's schema, with the platform's tables, at the newest version of the migrations
 * in the source tree. `platform`: its tables alone, in public, for services that only tests know.
 */
void test_database_migrate(const struct test_database *self, const char *service);

/* Drops it, with every session that is still in it. */
void test_database_drop(struct test_database *self);

/* Runs SQL; several statements are one transaction. */
void test_database_run(const struct test_database *self, const char *sql);

/* The first column of the first row as text, for the caller to free; NULL is "". There must be a
 * row. */
char *test_database_value(const struct test_database *self, const char *sql);

/* Asserts that it is that. */
void test_database_expect(const struct test_database *self, const char *sql, const char *wanted);

/* The URL of the same database over TCP on loopback, where a password is asked for. */
void test_database_tcp_url(const struct test_database *self, const char *user, const char *password,
                           char *url, size_t url_bytes);

/* The cluster itself: its socket's folder, its role, its TCP port, the role's password over TCP. */
const char *test_cluster_host(void);
const char *test_cluster_user(void);
int test_cluster_tcp_port(void);
const char *test_cluster_password(void);

#endif

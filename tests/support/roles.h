/*
 * A database that is run with roles, for the tests of these. Roles belong to the cluster: programs
 * that use this must not run side by side (RESOURCE_LOCK in tests/CMakeLists.txt).
 */
#ifndef DEPOT_TESTS_SUPPORT_ROLES_H
#define DEPOT_TESTS_SUPPORT_ROLES_H

#include "support/cluster.h"
#include "support/process.h"

extern struct roles {
    struct test_database database;
    char secrets[64];  /* the folder of the roles' passwords, one file each */
    char password[33]; /* of all roles */
    char tool[512];    /* depot-migrate */
} roles;

/* A database without roles and without a schema; one with both, as the migrator made it. */
void roles_open(void);
void roles_open_migrated(void);

void roles_close(void);

/* Runs deploy/roles.sql as the cluster's superuser; its exit code. */
int roles_make(void);

/* The URL as one of the roles, over TCP, where the password counts; good until the next call. */
const char *roles_url(const char *role);

/* Runs a command; its exit code. */
int roles_shell(const char *command);

/* Runs depot-migrate as a role; its exit code. */
int roles_migrate(const char *role, const char *arguments);

/* Expects the first value of a query. */
void roles_value_is(const char *sql, const char *wanted);

/* Starts the service as its role, with DB_MAX_RETRY. */
void roles_start_inventory(struct process *process, const char *retries);

#endif

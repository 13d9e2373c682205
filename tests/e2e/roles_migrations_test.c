/* A database that is run with roles: whoever migrates it, one role owns everything. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "support/roles.h"

TestSuite(roles_migrations, .init = roles_open_migrated, .fini = roles_close);
TestSuite(roles_migrations_before, .init = roles_open, .fini = roles_close);

static const char owned_by_others[] =
    "SELECT coalesce(string_agg(thing, ' '), '') FROM ("
    " SELECT oid::regclass::text, relnamespace, relowner FROM pg_class UNION ALL"
    " SELECT oid::regprocedure::text, pronamespace, proowner FROM pg_proc UNION ALL"
    " SELECT nspname, oid, nspowner FROM pg_namespace) AS every (thing, schema, owner)"
    " WHERE schema::regnamespace::text IN ('inventory', 'accounts')"
    " AND owner <> 'depot_owner'::regrole";

Test(roles_migrations, the_owner_owns_everything)
{
    roles_value_is(owned_by_others, "");
    roles_value_is(
        "SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'btree_gist'",
        "public");
}

Test(roles_migrations, the_migrator_goes_up_and_down_and_up)
{
    cr_assert_eq(roles_migrate("depot_migrator", "--service=inventory down 9"), 0);
    cr_assert_eq(roles_migrate("depot_migrator", "--service=inventory --platform down 9"), 0);
    roles_value_is("SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'r'"
                   " AND relnamespace = 'inventory'::regnamespace",
                   "depot_migration");
    cr_assert_eq(roles_migrate("depot_migrator", "up"), 0);
    roles_value_is(owned_by_others, "");
    roles_value_is(
        "SELECT has_table_privilege('depot_inventory', 'inventory.allocation', 'DELETE')", "t");
}

/* A grant that its file no longer gives is taken away. */
Test(roles_migrations, grants_are_what_the_files_say)
{
    test_database_run(&roles.database, "GRANT TRUNCATE ON inventory.resource TO depot_inventory;"
                                       "REVOKE SELECT ON inventory.pxcode FROM depot_inventory");
    cr_assert_eq(roles_migrate("depot_migrator", "up"), 0);
    roles_value_is(
        "SELECT has_table_privilege('depot_inventory', 'inventory.resource', 'TRUNCATE')", "f");
    roles_value_is("SELECT has_table_privilege('depot_inventory', 'inventory.pxcode', 'SELECT')",
                   "t");
}

Test(roles_migrations, psql_as_the_migrator_is_the_owner)
{
    cr_assert_eq(roles_migrate("depot_migrator",
                               "psql -qX -v ON_ERROR_STOP=1 -c 'SELECT FROM account,"
                               " resource' -c 'CREATE TABLE inventory.x ()'"
                               " -o /dev/null"),
                 0);
    roles_value_is(owned_by_others, "");
    cr_assert_eq(roles_migrate("depot_migrator", "reset --confirm=nix"), EXIT_CONFIG);
}

Test(roles_migrations, the_migrator_resets)
{
    char arguments[128];

    snprintf(arguments, sizeof(arguments), "reset --confirm=%s", roles.database.name);
    test_database_run(&roles.database, "INSERT INTO inventory.pxcode VALUES ('123', 'x')");
    cr_assert_eq(roles_migrate("depot_migrator", arguments), 0);
    roles_value_is("SELECT count(*) FROM inventory.pxcode", "0");
    roles_value_is(owned_by_others, "");
}

Test(roles_migrations, a_service_cannot_migrate)
{
    cr_assert_eq(roles_migrate("depot_inventory", "--service=inventory down"), EXIT_FAILURE);
    roles_value_is("SELECT to_regclass('inventory.resource') IS NOT NULL", "t");
}

/* A superuser, too, leaves what it makes to the owner. */
Test(roles_migrations_before, whoever_migrates_the_owner_owns)
{
    cr_assert_eq(roles_make(), 0);
    setenv("DATABASE_URL", roles.database.url, 1);
    cr_assert_eq(
        roles_shell(roles.tool[0] == '\0' ? "false" : strcat(roles.tool, " up >/dev/null")), 0);
    roles_value_is(owned_by_others, "");
}

Test(roles_migrations_before, what_one_role_owned_is_given_over)
{
    cr_assert_eq(roles_make(), 0);
    test_database_run(&roles.database,
                      "DO $$ BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM"
                      " depot_owner', current_database()); END $$");
    test_database_migrate(&roles.database, "inventory");
    test_database_migrate(&roles.database, "accounts");
    roles_value_is("SELECT nspowner::regrole <> 'depot_owner'::regrole FROM pg_namespace"
                   " WHERE nspname = 'inventory'",
                   "t");
    cr_assert_eq(roles_make(), 0);
    roles_value_is(owned_by_others, "");
    cr_assert_eq(roles_migrate("depot_migrator", "up"), 0);
    roles_value_is("SELECT has_table_privilege('depot_inventory', 'inventory.resource', 'SELECT')",
                   "t");
    cr_assert_eq(roles_migrate("depot_migrator", "--service=inventory down 9"), 0);
}

Test(roles_migrations_before, a_role_without_a_secret_is_named)
{
    char command[128];

    snprintf(command, sizeof(command), "rm %s/depot_accounts_password", roles.secrets);
    cr_assert_eq(roles_shell(command), 0);
    cr_assert_neq(roles_make(), 0);
    roles_value_is("SELECT has_database_privilege('public', current_database(), 'CONNECT')", "t");
}

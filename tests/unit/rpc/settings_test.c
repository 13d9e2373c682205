/* What gateway and services have alike. */
#include "rpc/settings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/temp.h"

static struct rpc_settings settings;
static struct error error;

static void
drop(void)
{
    config_free(rpc_config_items, rpc_config_n_items, &settings);
}

TestSuite(settings, .fini = drop);

static enum status
load(const char *program)
{
    drop();
    cr_assert_eq(config_load(rpc_config_items, rpc_config_n_items, &settings, &error), STATUS_OK);
    return rpc_settings_check(&settings, program, &error);
}

Test(settings, without_a_folder_there_is_no_tls)
{
    cr_assert_eq(load("inventory"), STATUS_OK);
    cr_assert_null(settings.tls.ca_file);
    cr_assert_null(settings.tls.certificate_and_key_file);
    cr_assert_eq(settings.log_level, LOG_INFO);
}

static void
put(const char *folder, const char *name)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "we");
    cr_assert_not_null(file);
    fclose(file);
}

Test(settings, files_go_by_the_programs_name)
{
    char folder[64], path[128];

    temp_template(folder, sizeof(folder), "rpc-settings");
    cr_assert_not_null(mkdtemp(folder));
    setenv("RPC_TLS_DIR", folder, 1);
    cr_assert_eq(load("inventory"), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "RPC_TLS_DIR"));
    cr_assert_not_null(strstr(error.text, "ca.pem"));
    put(folder, "ca.pem");
    put(folder, "gateway.pem");
    cr_assert_eq(load("inventory"), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "inventory.pem"));
    cr_assert_null(settings.tls.ca_file);
    cr_assert_eq(load("gateway"), STATUS_OK);
    snprintf(path, sizeof(path), "%s/gateway.pem", folder);
    cr_assert_str_eq(settings.tls.certificate_and_key_file, path);
    rpc_settings_fini(&settings);
    snprintf(path, sizeof(path), "rm -r %s", folder);
    cr_assert_eq(system(path), 0);
}

Test(settings, a_level_is_one_of_those_there_are)
{
    setenv("LOG_LEVEL", "loud", 1);
    cr_assert_eq(load("inventory"), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "LOG_LEVEL"));
}

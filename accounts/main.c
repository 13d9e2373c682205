/* The accounts service: who there is, and what they are known by. */
#include "service/main.h"
#include "accounts/first_start.h"
#include "accounts/password.h"
#include "accounts/settings.h"
#include "depot/accounts/v1/accounts.handlers.h"

static enum status
open_accounts(struct error *error)
{
    enum status status = accounts_settings_check(error);

    return status == STATUS_OK ? password_open(&accounts_settings()->passwords, error) : status;
}

int
main(int argc, char **argv)
{
    struct service_program program = {
        .service = &accounts_service,
        .items = accounts_config_items,
        .n_items = accounts_config_n_items,
        .settings = &accounts_config_target,
        .needs_secret = true,
        .open = open_accounts,
        .begin = first_start,
    };

    return service_main(&program, argc, argv);
}

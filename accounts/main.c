/* The accounts service: who there is, and what they are known by. */
#include "service/main.h"
#include "depot/accounts/v1/accounts.handlers.h"

int
main(int argc, char **argv)
{
    static const struct service_program program = {.service = &accounts_service,
                                                   .needs_secret = true};

    return service_main(&program, argc, argv);
}

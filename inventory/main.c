/* The inventory service: the fleet and its calendar. All that is its own lies in handlers/ and
 * queries/. */
#include "service/main.h"
#include "depot/inventory/v1/inventory.handlers.h"

int
main(int argc, char **argv)
{
    static const struct service_program program = {.service = &inventory_service};

    return service_main(&program, argc, argv);
}

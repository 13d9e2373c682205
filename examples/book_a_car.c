/* Books a car for the hour that begins now, with protobuf-c's generated stubs:
 * DEPOT_TOKEN=... book_a_car tcp://127.0.0.1:7001 CAR-ID; the token is what a login answers. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "rpc/stub.h"

/* Called before the stub returns: with the reply, or with NULL after a failure. */
static void
on_booking(const Depot__Inventory__V1__Allocation *booking, void *closure)
{
    if (booking != NULL) {
        printf("car %s is booked: %s\n", (const char *)closure, booking->id);
    }
}

int
main(int argc, char **argv)
{
    struct rpc_client_options options = {
        .service = &depot__inventory__v1__inventory_service__service, .addresses = argv[1]};
    Google__Protobuf__Timestamp now = GOOGLE__PROTOBUF__TIMESTAMP__INIT, then = now;
    Depot__Inventory__V1__Allocation hour = DEPOT__INVENTORY__V1__ALLOCATION__INIT;
    Depot__Inventory__V1__CreateAllocationRequest request =
        DEPOT__INVENTORY__V1__CREATE_ALLOCATION_REQUEST__INIT;
    const struct rpc_stub_context who = {.access_token = getenv("DEPOT_TOKEN")};
    struct error error = {"usage: book_a_car <address> <car id>"};
    struct rpc_stub *stub;
    enum status status;

    if (argc != 3 || rpc_stub_open(&options, &stub, &error) != STATUS_OK) {
        return fprintf(stderr, "%s\n", error.text), 64;
    }
    rpc_stub_context(stub, &who);
    now.seconds = time(NULL);
    then.seconds = now.seconds + 3600;
    hour.start_time = &now;
    hour.end_time = &then;
    request.type = (char *)"cars";
    request.resource_id = argv[2];
    request.allocation = &hour;
    depot__inventory__v1__inventory_service__create_allocation(rpc_stub_service(stub), &request,
                                                               on_booking, argv[2]);
    status = rpc_stub_status(stub);
    if (status != STATUS_OK) {
        fprintf(stderr, "book_a_car: %s\n", rpc_stub_reply(stub)->message);
    }
    rpc_stub_close(stub);
    return status == STATUS_OK ? 0 : 1;
}

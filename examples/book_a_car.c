/*
 * A typed client: protobuf-c's generated stubs over rpc/stub.h. Adds a car and books it for the
 * hour that begins now: book_a_car tcp://127.0.0.1:7001
 */
#include <stdio.h>
#include <time.h>

#include "base/uuid.h"
#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "rpc/stub.h"

/* A reply lives until the next call; after a failure it is NULL. */
static void
on_car(const Depot__Inventory__V1__Resource *car, void *id)
{
    snprintf(id, UUID_TEXT_BYTES, "%s", car == NULL ? "" : car->id);
}

static void
on_booking(const Depot__Inventory__V1__Allocation *booking, void *closure)
{
    (void)closure;
    if (booking != NULL) {
        printf("car %s is booked: %s\n", booking->resource_id, booking->id);
    }
}

static enum status
book_a_car(struct rpc_stub *stub)
{
    Depot__Inventory__V1__Resource car = DEPOT__INVENTORY__V1__RESOURCE__INIT;
    Depot__Inventory__V1__CreateResourceRequest add =
        DEPOT__INVENTORY__V1__CREATE_RESOURCE_REQUEST__INIT;
    Google__Protobuf__Timestamp start = GOOGLE__PROTOBUF__TIMESTAMP__INIT, end = start;
    Depot__Inventory__V1__Allocation hour = DEPOT__INVENTORY__V1__ALLOCATION__INIT;
    Depot__Inventory__V1__CreateAllocationRequest book =
        DEPOT__INVENTORY__V1__CREATE_ALLOCATION_REQUEST__INIT;
    char type[] = "cars", name[UUID_TEXT_BYTES], id[UUID_TEXT_BYTES];

    uuid_v7(name);
    car.name = name;
    add.type = book.type = type;
    add.resource = &car;
    depot__inventory__v1__inventory_service__create_resource(rpc_stub_service(stub), &add, on_car,
                                                             id);
    if (rpc_stub_status(stub) != STATUS_OK) {
        return rpc_stub_status(stub);
    }
    start.seconds = time(NULL);
    end.seconds = start.seconds + 3600;
    hour.start_time = &start;
    hour.end_time = &end;
    book.resource_id = id;
    book.allocation = &hour;
    depot__inventory__v1__inventory_service__create_allocation(rpc_stub_service(stub), &book,
                                                               on_booking, NULL);
    return rpc_stub_status(stub);
}

int
main(int argc, char **argv)
{
    struct rpc_client_options options = {
        .service = &depot__inventory__v1__inventory_service__service,
        .addresses = argv[1],
    };
    struct rpc_stub *stub;
    struct error error = {"usage: book_a_car <address>"};
    enum status status;

    if (argc != 2 || rpc_stub_open(&options, &stub, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 64;
    }
    status = book_a_car(stub);
    if (status != STATUS_OK) {
        fprintf(stderr, "book_a_car: %s\n", rpc_stub_reply(stub)->message);
    }
    rpc_stub_close(stub);
    return status == STATUS_OK ? 0 : 1;
}

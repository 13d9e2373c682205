#include "service/handler.h"

enum status
service_again(struct call *call)
{
    call->again = true;
    return STATUS_ABORTED;
}

enum status
service_then(struct call *call)
{
    call->then = true;
    return STATUS_ABORTED;
}

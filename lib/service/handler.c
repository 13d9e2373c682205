#include "service/handler.h"

#include "depot/rpc/v1/reasons.schema.h"

enum status
service_no_memory(struct call *call)
{
    return call_fail(call, &reason_reply_too_large, "The call needs more memory than allowed.");
}

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

#include "service/handler.h"

enum status
service_again(struct call *call)
{
    call->again = true;
    return STATUS_ABORTED;
}

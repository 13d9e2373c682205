#include "emit.h"

void
emit_openapi(const struct contract *contract, const char *version, struct buf *out)
{
    (void)contract;
    buf_printf(out, "{\n  \"openapi\": \"3.1.0\",\n  \"info\": {\"version\": \"%s\"}\n}\n",
               version);
}

/* Numbers of outcomes to their names: google.rpc codes and HTTP statuses of failures. */
#ifndef DEPOT_PROTOGEN_STATUS_NAME_H
#define DEPOT_PROTOGEN_STATUS_NAME_H

#include <stdint.h>

enum { STATUS_CODES = 17 };

/* NOT_FOUND for 5; `code` is 0 to 16. */
const char *code_name(uint32_t code);

/* "Not Found" for 404 (RFC 9110); "Failure" for one that is not a registered one. */
const char *http_status_name(uint32_t status);

#endif

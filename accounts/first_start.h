/*
 * The first administrator. With ADMIN_PASSWORD the user `admin` is made at every start, or given
 * that password and the role again. Without one, and without any account, `admin` is made with a
 * password that nobody knows yet: it is printed on standard error, once, and not logged.
 */
#ifndef DEPOT_ACCOUNTS_FIRST_START_H
#define DEPOT_ACCOUNTS_FIRST_START_H

#include "base/status.h"

/* Before the service serves anybody (service_program.begin). Replicas may start side by side. */
enum status first_start(struct error *error) MUST_CHECK;

#endif

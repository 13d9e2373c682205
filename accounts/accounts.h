/* What the handlers of accounts share: the contract's messages and the usual failures. */
#ifndef DEPOT_ACCOUNTS_ACCOUNTS_H
#define DEPOT_ACCOUNTS_ACCOUNTS_H

#include "base/call.h"
#include "db/query.h"
#include "depot/accounts/v1/accounts.handlers.h"
#include "depot/accounts/v1/accounts.schema.h"
#include "depot/auth/v1/authority.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "service/handler.h"

#endif

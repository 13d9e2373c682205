/* What the commands of depotctl share. Each command is one file with one exported function. */
#ifndef DEPOT_TOOLS_DEPOTCTL_CTL_H
#define DEPOT_TOOLS_DEPOTCTL_CTL_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/call.h"
#include "pb/schema.h"
#include "rpc/stub.h"

/* 0 is success, 69 (EXIT_UNAVAILABLE of base/status.h) a service that is away. EXIT_REFUSED: who
 * calls is not known, or may not do it. */
enum { EXIT_FAILED = 1, EXIT_USAGE = 64, EXIT_REFUSED = 77 };

/* One run of the program. */
struct ctl {
    struct arena arena;              /* lives as long as the program */
    char **args;                     /* the command's arguments, then NULL */
    struct rpc_stub_context context; /* what goes with a call */
    struct rpc_tls tls;
};

/* The commands. Each returns the exit code; what is wrong has been said on standard error. */
int ctl_services(struct ctl *self);
int ctl_methods(struct ctl *self);
int ctl_routes(struct ctl *self);
int ctl_call(struct ctl *self);
int ctl_health(struct ctl *self);

/* Says "depotctl: ..." in one line on standard error and returns `code`. */
int ctl_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Says as JSON on standard error what became of the call: `reply` is the service's answer, or NULL
 * if the call has its problem already. Returns the exit code.
 */
int ctl_problem(struct call *call, const struct pb_method *method, const struct rpc_reply *reply);

/*
 * Fills the context's access token, unless an option has: from DEPOT_TOKEN, or by an exchange of
 * DEPOT_API_KEY if the method asks who calls. 0, or the exit code after saying why.
 */
int ctl_authorise(struct ctl *self, const struct pb_method *method);

/* `member; others manager`: who may call the method. Lives as long as the arena. */
const char *access_text(struct arena *arena, const struct pb_method *method);

/* All services of the contract, those without routes too; ends with NULL. */
const struct pb_service *const *contract_services(struct arena *arena);

/* Whether the service goes by this name: its full one, the last part of that, or its short one. */
bool contract_service_is(const struct pb_service *service, const char *name, size_t bytes);

/*
 * The method that is meant by `/full.Service/Method`, `Service/Method` or `Method`. NULL, after
 * saying why, if there is none or more than one.
 */
const struct pb_method *contract_method(struct arena *arena, const char *name);

/*
 * Opens a stub for the service at `addresses`, which commas part: with a scheme, or host:port,
 * which is tcp, or tls+tcp with certificates. There the program at the other end must be `peer`;
 * NULL: the one that fulfils the service's contract. 0, or the exit code after saying why.
 */
int ctl_open(struct ctl *self, const struct pb_service *service, const char *addresses,
             const char *peer, struct rpc_stub **stub);

/* Text in columns as wide as their widest cell. */
struct table {
    struct arena *arena;
    size_t n_columns;
    struct table_row *first, **end;
};

enum { TABLE_COLUMNS_MAX = 8 };

/* The cells must live as long as the table, and be ASCII. The first row may be a heading. */
void table_init(struct table *self, struct arena *arena, size_t n_columns);
void table_add(struct table *self, const char *const *cells);
void table_print(const struct table *self, FILE *out);

/* Prints valid JSON without blanks in lines, indented by two, and a line's end. */
void json_print(const char *text, size_t bytes, FILE *out);

#endif

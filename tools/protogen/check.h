/*
 * What a contract may not say. A fault is one line, `file:line:column: what is wrong`; all faults
 * are found in one run, and any of them fails the build.
 */
#ifndef DEPOT_PROTOGEN_CHECK_H
#define DEPOT_PROTOGEN_CHECK_H

#include <stdio.h>

#include "contract.h"

/* The faults found so far, and where they are told. */
struct check {
    const struct contract *contract;
    FILE *out;
    size_t n_faults;
};

/* Checks everything; writes the faults to `out` and returns how many there are. */
size_t contract_check(const struct contract *contract, FILE *out);

/* Tells one fault. */
void check_refuse(struct check *self, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Its parts: what methods say of themselves, who may call them, their HTTP bindings, and the rules
 * of fields. */
void check_method(struct check *self, const struct def_method *method);
void check_access(struct check *self, const struct def_method *method);
void check_list(struct check *self, const struct def_method *method);
void check_routes(struct check *self);
void check_field(struct check *self, const struct def_message *message,
                 const struct def_field *field);

#endif

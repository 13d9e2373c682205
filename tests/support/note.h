/*
 * A small service for tests of the platform, made by hand so that they depend on no contract: notes
 * in a table without a unique key, in which every effect leaves one row.
 *
 * What a note's text does: "poison" fails in its statement, "late poison" at commit, "sleep" sleeps
 * `number` ms in its statement, "late sleep" at commit, "refuse" is refused by the first half of
 * its handler, "absent" by the second. With NOTE_STEPS this is so of the second query, and "absent"
 * is refused although its note was written; "early" is refused after the first.
 */
#ifndef DEPOT_TESTS_SUPPORT_NOTE_H
#define DEPOT_TESTS_SUPPORT_NOTE_H

#include <stdatomic.h>

#include "service/handler.h"

struct note {
    ProtobufCMessage base;
    char *id;
    char *text;
    int32_t number;
};

extern const struct pb_message note_schema;

enum note_method {
    NOTE_PUT,   /* writes a note; honours keys, its affinity is the id, which it locks */
    NOTE_GET,   /* reads the note with the id; RESOURCE_NOT_FOUND */
    NOTE_SWAP,  /* counts up the notes `id` and, if it is not empty, `text`; locks both, in this
                   order */
    NOTE_MAYBE, /* writes a note after it has asked to be run again `note_again` times */
    NOTE_STEPS, /* writes a note with the text "first", and, unless the text is "once" or "early",
                   with its second query one with the request's text; see note_between */
    NOTE_TICK,  /* the operator's, every 20 ms: writes a note "tick" of who calls and the text */
    NOTE_METHODS,
};

extern const struct pb_method note_methods[NOTE_METHODS];
extern const struct service note_service;

/* Called by NOTE_STEPS between its queries, if it is not NULL. */
extern void (*note_between)(struct call *call);

/* How often the first and the second half of NOTE_STEPS still ask to be run again. */
extern int note_first_again, note_second_again;

/* How often NOTE_TICK is refused; counted down. */
extern atomic_int note_tick_fails;

/* How often NOTE_MAYBE still finds that its conflict has vanished; counted down. */
extern int note_again;

/* The tables; every note has the transaction that wrote it (xid) and its statement_timeout. */
extern const char note_tables_sql[];

#endif

/*
 * Settings come from environment variables only. A program has one table of them; the parser,
 * --help, docs/config.md and the start-up dump all come from it.
 *
 * A setting NAME can also be given as NAME_FILE: the file's content without its last line's end.
 */
#ifndef DEPOT_BASE_CONFIG_H
#define DEPOT_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/log.h"
#include "base/status.h"

enum config_type {
    CONFIG_STRING, /* target: const char * (heap, for the life of the process; NULL if unset) */
    CONFIG_INT,    /* target: int; digits only, between min and max */
    CONFIG_BOOL,   /* target: bool; 1, 0, on, off, true, false */
};

struct config_item {
    const char *name;
    enum config_type type;
    const char *fallback; /* as it would stand in the environment; NULL: unset */
    int min, max;         /* CONFIG_INT */
    const char *unit;     /* "ms", "bytes"; "" if none */
    const char *text;     /* one sentence for people */
    bool secret;          /* never printed */
    size_t offset;        /* of the target in the program's struct */
};

/*
 * Fills `target` from the environment. STATUS_INVALID_ARGUMENT: `error` names the variable, what
 * it may be and what it was (unless secret). An empty variable counts as unset.
 */
enum status config_load(const struct config_item *items, size_t n_items, void *target,
                        struct error *error) MUST_CHECK;

/* Frees the strings of a loaded target and forgets them. */
void config_free(const struct config_item *items, size_t n_items, void *target);

/* The table as text for a terminal, or as a Markdown table. */
void config_help(const struct config_item *items, size_t n_items, FILE *out);
void config_markdown(const struct config_item *items, size_t n_items, FILE *out);

/* Adds every setting in force to a log line; secrets as "***". */
void config_log(const struct config_item *items, size_t n_items, const void *target,
                struct log_line *line);

#endif

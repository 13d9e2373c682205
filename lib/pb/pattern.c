#include "pb/pattern.h"

#include <pthread.h>
#include <regex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/assert.h"

struct compiled {
    const char *pattern;
    regex_t regex;
    struct compiled *next;
};

/* Entries are only ever added, in front; a contract has few. */
static _Atomic(struct compiled *) all;
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static struct compiled *
find(const char *pattern)
{
    struct compiled *entry = atomic_load_explicit(&all, memory_order_acquire);

    while (entry != NULL && entry->pattern != pattern) {
        entry = entry->next;
    }
    return entry;
}

static struct compiled *
compile(const char *pattern)
{
    struct compiled *entry = malloc(sizeof(*entry));

    ASSERT(entry != NULL);
    entry->pattern = pattern;
    ASSERT(regcomp(&entry->regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
    entry->next = atomic_load_explicit(&all, memory_order_relaxed);
    atomic_store_explicit(&all, entry, memory_order_release);
    return entry;
}

static struct compiled *
find_or_compile(const char *pattern)
{
    struct compiled *entry = find(pattern);

    if (entry == NULL) {
        pthread_mutex_lock(&adding);
        entry = find(pattern); /* another thread may have been faster */
        entry = entry == NULL ? compile(pattern) : entry;
        pthread_mutex_unlock(&adding);
    }
    return entry;
}

bool
pb_pattern_matches(const char *pattern, const char *text)
{
    return regexec(&find_or_compile(pattern)->regex, text, 0, NULL, 0) == 0;
}

/*
 * The signals of a process: SIGTERM and SIGINT tell it to stop, again and again. Before there are
 * other threads they come at any time; afterwards only while the main thread waits.
 */
#ifndef DEPOT_SERVICE_PROCESS_H
#define DEPOT_SERVICE_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Set by the first signal. */
extern atomic_bool process_stopping;

/* How many signals have come. */
int process_signals(void);

void process_catch_signals(void);

/* From now on only the functions below let them in, so that no thread made later is interrupted. */
void process_hold_signals(void);

/* Waits until more than `seen` signals have come, or for so long (negative: for ever). */
void process_wait_signal(int seen, int64_t wait_ms);

/* Waits for so long; false when the process is to stop. */
bool process_wait(int wait_ms);

#endif

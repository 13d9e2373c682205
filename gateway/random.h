/* Random numbers for request ids: a system call for hundreds of them instead of one for each. */
#ifndef DEPOT_GATEWAY_RANDOM_H
#define DEPOT_GATEWAY_RANDOM_H

/*
 * Makes the kernel's random bytes come in blocks from now on, in the whole process. For one thread
 * that uses them, and for what is no secret: the next bytes lie in memory before they are used.
 */
void random_in_blocks(void);

#endif

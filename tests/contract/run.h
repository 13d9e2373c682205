/* Runs the build tools as the build does. */
#ifndef DEPOT_TESTS_CONTRACT_RUN_H
#define DEPOT_TESTS_CONTRACT_RUN_H

enum { RUN_OUTPUT_BYTES = 65536 };

/* Runs a shell command; returns its exit code. Standard output and error go to `output`. */
int run(char output[static RUN_OUTPUT_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A fresh folder of this test's own, removed with run_leave. */
void run_enter(char folder[static 64]);
void run_leave(const char *folder);

/* The whole file as a string on the heap. */
char *run_read(const char *path);

/* Makes a file with this content. */
void run_write(const char *folder, const char *name, const char *content);

/* The program and the contract of this build. */
#define PROTOGEN     DEPOT_BUILD_FOLDER "/tools/protogen/protogen"
#define CONTRACT_SET DEPOT_BUILD_FOLDER "/gen/contract.pb"

#endif

/*
 * Numbers as JSON writes them (RFC 8259, section 6), read and written without loss. Whole numbers
 * never pass through floating point.
 */
#ifndef DEPOT_PB_NUMBER_H
#define DEPOT_PB_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pb_number {
    PB_NUMBER_OK,
    PB_NUMBER_MALFORMED,  /* not a number in JSON's form */
    PB_NUMBER_FRACTIONAL, /* a number, but no whole one */
    PB_NUMBER_TOO_LARGE,  /* outside of what was asked for */
};

enum { PB_NUMBER_TEXT_BYTES = 32 };

/* Whole numbers; 1.0 and 1e2 are whole. `min` is not above 0, `max` not below. */
enum pb_number pb_number_signed(const char *text, size_t bytes, int64_t min, int64_t max,
                                int64_t *out);
enum pb_number pb_number_unsigned(const char *text, size_t bytes, uint64_t max, uint64_t *out);

/* The nearest value; also "NaN", "Infinity" and "-Infinity" if `words`. `text` ends with NUL. */
enum pb_number pb_number_double(const char *text, size_t bytes, bool words, double *out);
enum pb_number pb_number_float(const char *text, size_t bytes, bool words, float *out);

/* Without a NUL; the length is returned. */
size_t pb_number_write_signed(int64_t value, char out[static PB_NUMBER_TEXT_BYTES]);
size_t pb_number_write_unsigned(uint64_t value, char out[static PB_NUMBER_TEXT_BYTES]);

/* The shortest text that reads back as the same value. The value is finite. */
size_t pb_number_write_double(double value, char out[static PB_NUMBER_TEXT_BYTES]);
size_t pb_number_write_float(float value, char out[static PB_NUMBER_TEXT_BYTES]);

#endif

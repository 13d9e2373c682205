/* Base64 (RFC 4648), as proto3 JSON writes the type bytes. */
#ifndef DEPOT_PB_BASE64_H
#define DEPOT_PB_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough room for what `bytes` bytes of text decode to, and for the text of `bytes` bytes. */
size_t pb_base64_decoded_max(size_t bytes);
size_t pb_base64_encoded(size_t bytes);

/*
 * Decodes either alphabet, with or without padding. False if the text is no base64; `out` may then
 * hold some bytes.
 */
bool pb_base64_decode(const char *text, size_t bytes, uint8_t *out, size_t *out_bytes);

/* The standard alphabet with padding; writes pb_base64_encoded(bytes) characters. */
void pb_base64_encode(const uint8_t *data, size_t bytes, char *out);

#endif

/* gRPC-Web: frames, their base64, and trailers. */
#include "http/grpc_web.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/base64.h"

/* The message in a body, or what is wrong; the body is copied, for a sanitizer to see its end. */
static const char *
read_body(const char *body, size_t bytes)
{
    static char said[64];
    char *copy = malloc(bytes == 0 ? 1 : bytes);
    const char *message, *wrong;
    size_t message_bytes;

    memcpy(copy, body, bytes);
    wrong = http_grpc_web_read(copy, bytes, &message, &message_bytes);
    snprintf(said, sizeof(said), "%.*s", wrong == NULL ? (int)message_bytes : (int)strlen(wrong),
             wrong == NULL ? message : wrong);
    free(copy);
    return said;
}

#define BODY(text) read_body(text, sizeof(text) - 1)

Test(grpc_web, a_frame_holds_a_message)
{
    cr_assert_str_eq(BODY("\0\0\0\0\3abc"), "abc");
    cr_assert_str_eq(BODY("\0\0\0\0\0"), "");
}

Test(grpc_web, what_is_not_one_frame_of_data_is_refused)
{
    cr_assert_str_eq(BODY(""), "There is no message.");
    cr_assert_str_eq(BODY("\0"), "The frame's head is cut short.");
    cr_assert_str_eq(BODY("\0\0\0\0"), "The frame's head is cut short.");
    cr_assert_str_eq(BODY("\0\0\0\0\1"), "The message is cut short.");
    cr_assert_str_eq(BODY("\0\0\0\0\4abc"), "The message is cut short.");
    cr_assert_str_eq(BODY("\0\xff\xff\xff\xff"
                          "abc"),
                     "The message is cut short.");
    cr_assert_str_eq(BODY("\0\x80\0\0\3abc"), "The message is cut short.");
    cr_assert_str_eq(BODY("\0\0\0\0\2abc"), "There is more than one message.");
    cr_assert_str_eq(BODY("\0\0\0\0\0\0\0\0\0\0"), "There is more than one message.");
    cr_assert_str_eq(BODY("\0\0\0\0\1a\x80\0\0\0\0"), "There is more than one message.");
    cr_assert_str_eq(BODY("\1\0\0\0\3abc"), "The message is compressed.");
    cr_assert_str_eq(BODY("\x80\0\0\0\3abc"), "The first frame is not one of data.");
    cr_assert_str_eq(BODY("\2\0\0\0\3abc"), "The first frame is not one of data.");
    cr_assert_str_eq(BODY("{\"a\":1}"), "The first frame is not one of data.");
}

/* Whatever the bytes: nothing outside of them is read, and what is found lies within. */
Test(grpc_web, random_bodies_do_no_harm)
{
    unsigned seed = 20300101;

    for (int i = 0; i < 20000; i++) {
        size_t bytes = (size_t)rand_r(&seed) % 12;
        char *body = malloc(bytes == 0 ? 1 : bytes);
        const char *message;
        size_t message_bytes;

        for (size_t j = 0; j < bytes; j++) {
            body[j] = (char)(rand_r(&seed) % 4 == 0 ? rand_r(&seed) : rand_r(&seed) % 8);
        }
        if (http_grpc_web_read(body, bytes, &message, &message_bytes) == NULL) {
            cr_assert_eq(message, body + HTTP_GRPC_WEB_HEAD_BYTES);
            cr_assert_eq(message_bytes, bytes - HTTP_GRPC_WEB_HEAD_BYTES);
        }
        free(body);
    }
}

/* --- base64 --- */

static const char *
decode(const char *text)
{
    static char said[64];
    size_t bytes = strlen(text);
    char *copy = malloc(bytes + 1);
    char *out = malloc(pb_base64_decoded_max(bytes));
    size_t length;

    memcpy(copy, text, bytes);
    if (http_grpc_web_text_decode(copy, bytes, out, &length)) {
        snprintf(said, sizeof(said), "%zu:%.*s", length, (int)length, out);
    } else {
        snprintf(said, sizeof(said), "no");
    }
    free(copy);
    free(out);
    return said;
}

Test(grpc_web, base64_may_be_padded_between)
{
    cr_assert_str_eq(decode(""), "0:");
    cr_assert_str_eq(decode("YWJj"), "3:abc");
    cr_assert_str_eq(decode("YQ=="), "1:a");
    cr_assert_str_eq(decode("YQ==YmM="), "3:abc");
    cr_assert_str_eq(decode("YQ==YQ==YQ=="), "3:aaa");
    cr_assert_str_eq(decode("YWJjYQ==YWJj"), "7:abcaabc");
}

Test(grpc_web, base64_that_is_none_is_refused)
{
    static const char *const bad[] = {
        "Y",    "YQ",        "YQ=",  "=",    "====",    "Y===",       "=YWJ",
        "Y=Jj", "YWJj YWJj", "YQ=a", "YWJ?", "YQ==YQ=", "YWJj\r\n==", "YW=j"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_str_eq(decode(bad[i]), "no", "%s", bad[i]);
    }
}

Test(grpc_web, base64_of_content)
{
    struct buf content = BUF_INIT;

    http_grpc_web_text_encode(&content);
    cr_assert_eq(content.length_bytes, 0);
    buf_puts(&content, "abcd");
    http_grpc_web_text_encode(&content);
    cr_assert_eq(content.length_bytes, 8);
    cr_assert_eq(memcmp(content.data, "YWJjZA==", 8), 0);
    buf_fini(&content);
}

/* --- writing --- */

Test(grpc_web, frames_have_their_lengths)
{
    struct buf out = BUF_INIT;
    size_t frame;

    buf_puts(&out, "before");
    frame = http_grpc_web_begin(&out);
    for (int i = 0; i < 0x010203; i++) {
        buf_putc(&out, 'a');
    }
    http_grpc_web_end(&out, frame);
    cr_assert_eq(memcmp(out.data, "before\0\0\1\2\3aaa", 14), 0);
    frame = http_grpc_web_begin(&out);
    http_grpc_web_end(&out, frame);
    cr_assert_eq(memcmp(out.data + frame, "\0\0\0\0\0", 5), 0);
    buf_fini(&out);
}

Test(grpc_web, messages_are_percent_encoded)
{
    struct buf out = BUF_INIT;

    http_grpc_message_write(&out, "a b~%\r\n\x7f\xc3\xa4\x01");
    buf_putc(&out, '\0');
    cr_assert_str_eq(out.data, "a b~%25%0D%0A%7F%C3%A4%01");
    buf_fini(&out);
}

/* The text of the one frame of trailers. */
static char *
trailers(const struct call *call)
{
    struct buf out = BUF_INIT;
    size_t length;
    char *text;

    http_grpc_web_trailers_write(&out, call);
    cr_assert_geq(out.length_bytes, 5);
    cr_assert_eq((unsigned char)out.data[0], 0x80);
    length = (size_t)(unsigned char)out.data[3] << 8 | (unsigned char)out.data[4];
    cr_assert_eq(length, out.length_bytes - 5);
    text = strndup(out.data + 5, length);
    cr_assert_eq(strlen(text), length);
    buf_fini(&out);
    return text;
}

Test(grpc_web, trailers_of_success)
{
    struct arena arena;
    struct call call;
    char *text;

    arena_init(&arena, 4096, 0);
    call_init(&call, &arena);
    text = trailers(&call);
    cr_assert_str_eq(text, "grpc-status: 0\r\n");
    free(text);
    arena_fini(&arena);
}

/* What stands behind `name: ` in the text. */
static char *
trailer(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    cr_assert_not_null(at, "%s in %s", name, text);
    at += strlen(name);
    return strndup(at, strcspn(at, "\r"));
}

Test(grpc_web, trailers_of_a_failure)
{
    Depot__Inventory__V1__AllocationOverlap overlap =
        DEPOT__INVENTORY__V1__ALLOCATION_OVERLAP__INIT;
    /* google.rpc.Status: code, message, and two google.protobuf.Any. */
    static const char wanted[] = "\x08\x0a\x12\x0aIt's\ntaken"
                                 "\x1a\x42\x0a\x2atype.googleapis.com/depot.rpc.v1.ErrorInfo"
                                 "\x12\x14\x0a\x12"
                                 "ALLOCATION_OVERLAP"
                                 "\x1a\x3c\x0a\x38type.googleapis.com/"
                                 "depot.inventory.v1.AllocationOverlap\x12";
    struct arena arena;
    struct call call;
    char *text, *value;
    uint8_t data[512];
    size_t bytes;

    arena_init(&arena, 4096, 0);
    call_init(&call, &arena);
    call_extra(&call, &depot__inventory__v1__allocation_overlap__schema, &overlap);
    call_fail(&call, &reason_allocation_overlap, "It's\ntaken");
    text = trailers(&call);
    value = trailer(text, "grpc-status: ");
    cr_assert_str_eq(value, "10");
    free(value);
    value = trailer(text, "grpc-message: ");
    cr_assert_str_eq(value, "It's%0Ataken");
    free(value);
    value = trailer(text, "grpc-status-details-bin: ");
    cr_assert_null(strchr(value, '='));
    cr_assert(pb_base64_decode(value, strlen(value), data, &bytes));
    cr_assert_eq(bytes, sizeof(wanted));
    cr_assert_eq(memcmp(data, wanted, sizeof(wanted)), 0);
    free(value);
    free(text);
    arena_fini(&arena);
}

#include "fixture.h"

#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "pb/wire.h"

static enum status
unpack(const struct pb_message *schema, const uint8_t *data, size_t bytes, size_t cap_bytes)
{
    /* Memory of exactly the size, so that a sanitizer sees reads beyond it. */
    uint8_t *copy = malloc(bytes == 0 ? 1 : bytes);
    ProtobufCMessage *message = NULL;
    struct arena arena;
    enum status status;

    memcpy(copy, data, bytes);
    arena_init(&arena, 4096, cap_bytes);
    status = pb_unpack(&arena, schema, copy, bytes, &message);
    memset(copy, 0xaa, bytes);
    free(copy);
    cr_assert_eq(status == STATUS_OK, message != NULL);
    if (message != NULL) {
        /* All of it can be looked at and written. */
        struct call call;
        struct buf out = BUF_INIT;
        enum status ignored;

        call_init(&call, &arena);
        ignored = pb_validate(&call, schema, message);
        (void)ignored;
        pb_json_write(&out, schema, message);
        buf_fini(&out);
    }
    arena_fini(&arena);
    return status;
}

/* A message with everything in it, packed. */
static uint8_t *
everything(struct arena *arena, size_t *bytes)
{
    static const char text[] =
        "{\"aDouble\":0.5,\"aFloat\":0.5,\"anInt32\":-7,\"anInt64\":\"-8\",\"aUint32\":9,"
        "\"aUint64\":\"10\",\"aSint32\":-11,\"aSint64\":\"-12\",\"aFixed32\":13,\"aFixed64\":"
        "\"14\","
        "\"aSfixed32\":-15,\"aSfixed64\":\"-16\",\"aBool\":true,\"aString\":\"\xc3\xa9 text\","
        "\"someBytes\":\"AAEC\",\"colour\":\"VIOLET\","
        "\"inner\":{\"name\":\"a\",\"inner\":{\"name\":\"b\",\"inner\":{\"size\":300}}},"
        "\"doubles\":[1,2],\"floats\":[1,2],\"int32s\":[1,-2,300],\"int64s\":[1,-2],"
        "\"uint32s\":[1,300],\"uint64s\":[1],\"sint32s\":[-1],\"sint64s\":[-1],\"fixed32s\":[1,2],"
        "\"fixed64s\":[1,2],\"sfixed32s\":[1],\"sfixed64s\":[1],\"bools\":[true,false],"
        "\"strings\":[\"a\",\"\",\"c\"],\"byteses\":[\"AA==\",\"\"],\"colours\":[\"RED\","
        "\"INFRARED\"],"
        "\"inners\":[{\"name\":\"a\"},{},{\"size\":2}],"
        "\"stringsByString\":{\"a\":\"b\",\"c\":\"d\"},\"innersByInt32\":{\"1\":{},\"-1\":{"
        "\"size\":1}},"
        "\"int64sByBool\":{\"true\":1},\"coloursByUint64\":{\"5\":\"RED\"},"
        "\"timesByString\":{\"a\":\"2026-03-01T09:00:00Z\"},\"bytesBySint64\":{\"-1\":\"AA==\"},"
        "\"choiceInner\":{\"name\":\"x\"},\"maybeName\":\"\",\"aTime\":\"2026-03-01T09:00:00.5Z\","
        "\"aDuration\":\"-1.5s\",\"aMask\":\"a,b.c\",\"anEmpty\":{},\"maybeString\":\"x\","
        "\"maybeInt32\":0,\"times\":[\"1970-01-01T00:00:00Z\"],\"stringValues\":[\"\",\"a\"]}";
    struct call call;
    ProtobufCMessage *message;
    uint8_t *packed;

    call_init(&call, arena);
    cr_assert_eq(pb_json_read(&call, &depot__test__v1__everything__schema, "", text,
                              sizeof(text) - 1, &message),
                 STATUS_OK);
    cr_assert_eq(call.problem.n_violations, 0);
    packed = pb_pack(arena, message, bytes);
    cr_assert_not_null(packed);
    return packed;
}

struct packet {
    const struct pb_message *schema;
    const char *data;
    size_t bytes;
    enum status status;
};

#define EVERYTHING(literal, status)                                                                \
    {                                                                                              \
        &depot__test__v1__everything__schema, literal, sizeof(literal) - 1, status                 \
    }
#define INNER(literal, status)                                                                     \
    {                                                                                              \
        &depot__test__v1__inner__schema, literal, sizeof(literal) - 1, status                      \
    }

Test(wire, looks_at_every_field)
{
    static const struct packet cases[] = {
        INNER("", STATUS_OK),
        INNER("\x0a\x01"
              "a\x10\x07",
              STATUS_OK),
        /* strings */
        INNER("\x0a\x02\xc3\xa9", STATUS_OK),
        INNER("\x0a\x01\xc3", STATUS_INVALID_ARGUMENT),
        INNER("\x0a\x03\xed\xa0\x80", STATUS_INVALID_ARGUMENT),
        INNER("\x0a\x02"
              "a\0",
              STATUS_INVALID_ARGUMENT),
        INNER("\x0a\x02"
              "a",
              STATUS_INVALID_ARGUMENT),
        INNER("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", STATUS_INVALID_ARGUMENT),
        INNER("\x0a\xff\xff\xff\xff\x0f", STATUS_INVALID_ARGUMENT),
        INNER("\x0a", STATUS_INVALID_ARGUMENT),
        /* wire types */
        INNER("\x08\x01", STATUS_INVALID_ARGUMENT),
        INNER("\x12\x01\x01", STATUS_INVALID_ARGUMENT),
        INNER("\x15\x01\0\0\0", STATUS_INVALID_ARGUMENT),
        INNER("\x11\x01\0\0\0\0\0\0\0", STATUS_INVALID_ARGUMENT),
        INNER("\x18\x01", STATUS_INVALID_ARGUMENT),
        INNER("\x0b\x0c", STATUS_INVALID_ARGUMENT),
        INNER("\x0e\x01", STATUS_INVALID_ARGUMENT),
        INNER("\x0f\x01", STATUS_INVALID_ARGUMENT),
        /* tags */
        INNER("\x02\0", STATUS_INVALID_ARGUMENT),
        INNER("\x80", STATUS_INVALID_ARGUMENT),
        INNER("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", STATUS_INVALID_ARGUMENT),
        INNER("\x80\x80\x80\x80\x10\x01", STATUS_INVALID_ARGUMENT),
        /* unknown fields */
        INNER("\xf8\xff\xff\xff\x0f\x01", STATUS_OK),
        INNER("\x28\x01", STATUS_OK),
        INNER("\x2d\x01\0\0\0", STATUS_OK),
        INNER("\x29\x01\0\0\0\0\0\0\0", STATUS_OK),
        INNER("\x2a\x02\xff\0", STATUS_OK),
        INNER("\x2a\x02\xff", STATUS_INVALID_ARGUMENT),
        INNER("\x2d\x01\0\0", STATUS_INVALID_ARGUMENT),
        INNER("\x29\x01\0\0\0\0\0\0", STATUS_INVALID_ARGUMENT),
        INNER("\x2b\x2c", STATUS_INVALID_ARGUMENT),
        /* int32: what does not fit is not cut */
        INNER("\x10\xff\xff\xff\xff\x07", STATUS_OK),
        INNER("\x10\x80\x80\x80\x80\xf8\xff\xff\xff\xff\x01", STATUS_OK),
        INNER("\x10\xff\xff\xff\xff\x0f", STATUS_INVALID_ARGUMENT),
        INNER("\x10\x80\x80\x80\x80\x10", STATUS_INVALID_ARGUMENT),
        INNER("\x10\x80\x80\x80\x80\xf0\xff\xff\xff\xff\x01", STATUS_INVALID_ARGUMENT),
        INNER("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", STATUS_INVALID_ARGUMENT),
        INNER("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", STATUS_INVALID_ARGUMENT),
        INNER("\x10\xff", STATUS_INVALID_ARGUMENT),
        INNER("\x10", STATUS_INVALID_ARGUMENT),
        /* uint32, sint32, bool, enum, 64 bits */
        EVERYTHING("\x28\xff\xff\xff\xff\x0f", STATUS_OK),
        EVERYTHING("\x28\x80\x80\x80\x80\x10", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\x38\xff\xff\xff\xff\x0f", STATUS_OK),
        EVERYTHING("\x38\x80\x80\x80\x80\x10", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\x68\x01", STATUS_OK),
        EVERYTHING("\x68\x02", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\x68\x80\x80\x80\x80\x10", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\x80\x01\x29", STATUS_OK), /* no such colour: validation tells */
        EVERYTHING("\x80\x01\x80\x80\x80\x80\x10", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", STATUS_OK),
        EVERYTHING("\x20\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", STATUS_OK),
        /* repeated numbers, packed and not */
        EVERYTHING("\xba\x01\x03\x01\xac\x02", STATUS_OK),
        EVERYTHING("\xba\x01\0", STATUS_OK),
        EVERYTHING("\xb8\x01\x07\xb8\x01\x08", STATUS_OK),
        EVERYTHING("\xb8\x01\x07\xba\x01\x01\x08", STATUS_OK),
        EVERYTHING("\xba\x01\x02\x01\xac", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\xba\x01\x05\xff\xff\xff\xff\x0f", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\xea\x01\x04\x01\0\0\0", STATUS_OK),
        EVERYTHING("\xea\x01\x03\x01\0\0", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\xf2\x01\x08\x01\0\0\0\0\0\0\0", STATUS_OK),
        EVERYTHING("\xf2\x01\x09\x01\0\0\0\0\0\0\0\0", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\x8a\x02\x02\x01\x02", STATUS_INVALID_ARGUMENT),
        EVERYTHING("\x92\x02\x01\xff", STATUS_INVALID_ARGUMENT),
        /* maps */
        EVERYTHING("\xca\x02\x06\x0a\x01"
                   "a\x12\x01"
                   "b",
                   STATUS_OK),
        EVERYTHING("\xca\x02\0", STATUS_OK),
        EVERYTHING("\xd2\x02\0", STATUS_OK),
        EVERYTHING("\xca\x02\x03\x0a\x01\xff", STATUS_INVALID_ARGUMENT),
        /* a oneof that is set twice, a message that stands twice */
        EVERYTHING("\x98\x03\x07\xa2\x03\x01"
                   "a",
                   STATUS_OK),
        EVERYTHING("\xa2\x03\x01"
                   "a\x98\x03\x07",
                   STATUS_OK),
        EVERYTHING("\xaa\x03\x02\x10\x01\xaa\x03\x03\x0a\x01"
                   "a",
                   STATUS_OK),
        EVERYTHING("\x8a\x01\x02\x10\x01\x8a\x01\x05\x0a\x03"
                   "abc",
                   STATUS_OK),
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(unpack(cases[i].schema, (const uint8_t *)cases[i].data, cases[i].bytes, 0),
                     cases[i].status, "%zu", i);
    }
}

/* `depth` messages of the kind Inner, one in the other. */
static struct buf
nested(unsigned depth)
{
    struct buf text = BUF_INIT;

    for (unsigned i = 1; i < depth; i++) {
        size_t bytes = text.length_bytes;
        char head[8] = {0x1a};
        size_t n = 1;
        size_t rest = bytes;

        do {
            head[n++] = (char)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
            rest >>= 7;
        } while (rest != 0);
        buf_reserve(&text, n);
        if (bytes != 0) {
            memmove(text.data + n, text.data, bytes);
        }
        memcpy(text.data, head, n);
        text.length_bytes += n;
    }
    return text;
}

Test(wire, depth_is_bounded)
{
    static const struct {
        unsigned depth;
        enum status status;
    } cases[] = {
        {2, STATUS_OK},
        {LIMIT_MESSAGE_DEPTH, STATUS_OK},
        {LIMIT_MESSAGE_DEPTH + 1, STATUS_INVALID_ARGUMENT},
        {10000, STATUS_INVALID_ARGUMENT},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf packed = nested(cases[i].depth);

        cr_assert_eq(unpack(&depot__test__v1__inner__schema, (const uint8_t *)packed.data,
                            packed.length_bytes, 0),
                     cases[i].status, "%u", cases[i].depth);
        buf_fini(&packed);
    }
}

/* `n` empty messages in Everything.inners, two and a tag byte each. */
static enum status
unpack_empty_messages(size_t n, size_t cap_bytes)
{
    struct buf packed = BUF_INIT;
    enum status status;

    for (size_t i = 0; i < n; i++) {
        buf_append(&packed, "\xaa\x02\0", 3);
    }
    status = unpack(&depot__test__v1__everything__schema, (const uint8_t *)packed.data,
                    packed.length_bytes, cap_bytes);
    buf_fini(&packed);
    return status;
}

Test(wire, a_megabyte_of_empty_messages_takes_no_memory)
{
    cr_assert_eq(unpack_empty_messages(350000, LIMIT_CALL_ARENA_BYTES), STATUS_INVALID_ARGUMENT);
    cr_assert_eq(unpack_empty_messages(LIMIT_MESSAGE_FIELDS + 1, 0), STATUS_INVALID_ARGUMENT);
    cr_assert_eq(unpack_empty_messages(LIMIT_MESSAGE_FIELDS, 0), STATUS_OK);
    cr_assert_eq(unpack_empty_messages(LIMIT_MESSAGE_FIELDS, LIMIT_CALL_ARENA_BYTES / 8),
                 STATUS_RESOURCE_EXHAUSTED);
}

Test(wire, fields_count_at_all_levels)
{
    struct buf packed = BUF_INIT;

    /* Each element has itself four fields. */
    for (int i = 0; i < LIMIT_MESSAGE_FIELDS / 4; i++) {
        buf_append(&packed, "\xaa\x02\x08\x10\x01\x10\x02\x10\x03\x10\x04", 11);
    }
    cr_assert_eq(unpack(&depot__test__v1__everything__schema, (const uint8_t *)packed.data,
                        packed.length_bytes, 0),
                 STATUS_INVALID_ARGUMENT);
    buf_fini(&packed);
}

Test(wire, memory_may_run_out_anywhere)
{
    struct arena arena;
    size_t bytes;
    uint8_t *packed;
    bool enough = false;

    arena_init(&arena, 4096, 0);
    packed = everything(&arena, &bytes);
    for (size_t cap = 16; !enough; cap += 16) {
        enum status status = unpack(&depot__test__v1__everything__schema, packed, bytes, cap);

        cr_assert_lt(cap, 1 << 20);
        if (status == STATUS_OK) {
            enough = true;
        } else {
            cr_assert_eq(status, STATUS_RESOURCE_EXHAUSTED, "%zu", cap);
        }
    }
    arena_fini(&arena);
}

Test(wire, packing_may_run_out_of_memory)
{
    Depot__Test__V1__Inner inner = DEPOT__TEST__V1__INNER__INIT;
    struct arena arena;
    size_t bytes = 77;

    inner.name = (char *)(uintptr_t) "a name of more than sixteen characters";
    arena_init(&arena, 4096, 16);
    cr_assert_null(pb_pack(&arena, &inner.base, &bytes));
    cr_assert_eq(bytes, 77);
    arena_fini(&arena);
    arena_init(&arena, 4096, 0);
    inner.name = (char *)(uintptr_t) "";
    cr_assert_not_null(pb_pack(&arena, &inner.base, &bytes));
    cr_assert_eq(bytes, 0);
    arena_fini(&arena);
}

Test(wire, every_truncation_is_harmless)
{
    struct arena arena;
    size_t bytes, whole;
    uint8_t *packed;

    arena_init(&arena, 4096, 0);
    packed = everything(&arena, &whole);
    cr_assert_eq(unpack(&depot__test__v1__everything__schema, packed, whole, 0), STATUS_OK);
    for (bytes = 0; bytes < whole; bytes++) {
        enum status status =
            unpack(&depot__test__v1__everything__schema, packed, bytes, LIMIT_CALL_ARENA_BYTES);

        cr_assert(status == STATUS_OK || status == STATUS_INVALID_ARGUMENT);
    }
    arena_fini(&arena);
}

Test(wire, every_flipped_bit_is_harmless)
{
    struct arena arena;
    size_t bytes;
    uint8_t *packed;

    arena_init(&arena, 4096, 0);
    packed = everything(&arena, &bytes);
    for (size_t bit = 0; bit < bytes * 8; bit++) {
        packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        unpack(&depot__test__v1__everything__schema, packed, bytes, LIMIT_CALL_ARENA_BYTES);
        packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    arena_fini(&arena);
}

Test(wire, random_damage_is_harmless)
{
    struct arena arena;
    size_t bytes;
    uint8_t *packed, *damaged;
    uint64_t state = 42;
    int accepted = 0;

    arena_init(&arena, 4096, 0);
    packed = everything(&arena, &bytes);
    damaged = arena_alloc(&arena, bytes);
    for (int i = 0; i < 20000; i++) {
        memcpy(damaged, packed, bytes);
        for (int j = 0; j <= i % 8; j++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            if ((state >> 20 & 3) ==
                0) { /* a piece of itself elsewhere: repeats and nests fields */
                size_t from = (state >> 33) % bytes;
                size_t to = (state >> 45) % bytes;
                size_t n = (state >> 24) % 64;

                n = n > bytes - from ? bytes - from : n;
                n = n > bytes - to ? bytes - to : n;
                memmove(damaged + to, damaged + from, n);
            } else {
                damaged[(state >> 33) % bytes] = (uint8_t)(state >> 25);
            }
        }
        accepted += unpack(&depot__test__v1__everything__schema, damaged, bytes,
                           LIMIT_CALL_ARENA_BYTES) == STATUS_OK;
    }
    cr_assert_gt(accepted, 100);
    arena_fini(&arena);
}

/* The same message again and again: protobuf-c merges, which must not eat memory without end. */
Test(wire, a_message_that_stands_many_times_is_bounded)
{
    struct buf packed = BUF_INIT;
    enum status status;

    for (int i = 0; i < LIMIT_MESSAGE_FIELDS / 4; i++) {
        buf_append(&packed, "\x12\x0b\x2a\x09\x0a\x03key\x12\x02vv", 13);
    }
    status = unpack(&depot__inventory__v1__create_resource_request__schema,
                    (const uint8_t *)packed.data, packed.length_bytes, LIMIT_CALL_ARENA_BYTES);
    cr_assert_eq(status, STATUS_RESOURCE_EXHAUSTED);
    buf_fini(&packed);
}

Test(wire, unset_strings_are_empty)
{
    ProtobufCMessage *message;
    struct arena arena;

    arena_init(&arena, 4096, 0);
    cr_assert_eq(pb_unpack(&arena, &depot__inventory__v1__resource__schema, NULL, 0, &message),
                 STATUS_OK);
    cr_assert_str_eq(((Depot__Inventory__V1__Resource *)message)->name, "");
    arena_fini(&arena);
}

static void
expect_map(const char *data, size_t bytes, const char *expected)
{
    struct buf text = BUF_INIT;
    ProtobufCMessage *message;
    struct arena arena;

    arena_init(&arena, 4096, 0);
    cr_assert_eq(pb_unpack(&arena, &depot__test__v1__everything__schema, (const uint8_t *)data,
                           bytes, &message),
                 STATUS_OK);
    pb_json_write(&text, &depot__test__v1__everything__schema, message);
    buf_putc(&text, '\0');
    cr_assert_not_null(strstr(text.data, expected), "%s in %s", expected, text.data);
    buf_fini(&text);
    arena_fini(&arena);
}

/* A packed map may have one key twice; written as it stood it was no JSON that others read. */
Test(wire, of_entries_with_one_key_the_last_counts)
{
    /* b: x, a: y, b: z */
    static const char strings[] = "\xca\x02\x06\x0a\x01"
                                  "b\x12\x01x\xca\x02\x06\x0a\x01"
                                  "a\x12\x01y\xca\x02\x06\x0a\x01"
                                  "b\x12\x01z";
    /* false: 1, true: 2, false: 3, the last one without its key */
    static const char bools[] = "\xda\x02\x04\x08\0\x10\x01\xda\x02\x04\x08\x01\x10\x02"
                                "\xda\x02\x02\x10\x03";

    expect_map(strings, sizeof(strings) - 1, "\"stringsByString\":{\"a\":\"y\",\"b\":\"z\"}");
    expect_map(bools, sizeof(bools) - 1, "\"int64sByBool\":{\"false\":\"3\",\"true\":\"2\"}");
}

/* As many entries as fields are allowed, in the order that costs most. */
Test(wire, a_large_map_is_sorted)
{
    struct buf packed = BUF_INIT;
    ProtobufCMessage *message;
    struct arena arena;
    unsigned n = LIMIT_MESSAGE_FIELDS / 2;

    arena_init(&arena, 4096, 0);
    for (unsigned i = n; i-- > 0;) {
        char entry[] = "\xe2\x02\x04\x08\x80\x80\x00";

        entry[4] = (char)(0x80 | (i & 0x7f));
        entry[5] = (char)(0x80 | (i >> 7 & 0x7f));
        entry[6] = (char)(i >> 14 & 0x7f);
        buf_append(&packed, entry, 7);
    }
    cr_assert_eq(pb_unpack(&arena, &depot__test__v1__everything__schema,
                           (const uint8_t *)packed.data, packed.length_bytes, &message),
                 STATUS_OK);
    cr_assert_eq(((Depot__Test__V1__Everything *)message)->n_colours_by_uint64, n);
    for (unsigned i = 0; i < n; i++) {
        cr_assert_eq(((Depot__Test__V1__Everything *)message)->colours_by_uint64[i]->key, i);
    }
    buf_fini(&packed);
    arena_fini(&arena);
}

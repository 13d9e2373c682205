/* Every bound of the system, each with the reason for its size. */
#ifndef DEPOT_BASE_LIMITS_H
#define DEPOT_BASE_LIMITS_H

enum {
    /* --- requests in general --- */

    /* More than a person will mend in one go; bounds what a hostile body makes us answer. */
    LIMIT_VIOLATIONS = 64,

    /* A request's memory: a body of the largest size decoded takes about a tenth of it. */
    LIMIT_CALL_ARENA_BYTES = 8 * 1024 * 1024,

    /* One block serves an ordinary request whole. */
    LIMIT_ARENA_BLOCK_BYTES = 16 * 1024,

    /* Long enough for any client's scheme, short enough for an index entry. */
    LIMIT_IDEMPOTENCY_KEY_BYTES = 255,

    /* What an answer shows of a text that it refuses: enough to recognise it. */
    LIMIT_SHOWN_CHARACTERS = 64,

    /* --- JSON and messages --- */

    /* No contract nests deeper than a handful; bounds recursion. */
    LIMIT_JSON_DEPTH = 32,

    /* Members and elements of one document; bounds memory per input byte. */
    LIMIT_JSON_MEMBERS = 1000,

    /* Nesting of a packed message; protobuf-c recurses per level. Whatever JSON can say must fit,
     * and times, wrappers and the request around a body are levels only when packed. */
    LIMIT_MESSAGE_DEPTH = 40,

    /* Fields in one packed payload, counted at all levels; bounds memory per input byte. */
    LIMIT_MESSAGE_FIELDS = 65536,

    /* --- filters and orders of lists --- */

    /* Parentheses within parentheses: nobody reads more; bounds recursion. */
    LIMIT_FILTER_DEPTH = 8,

    /* Comparisons of one filter; each is a condition that every row is held against. */
    LIMIT_FILTER_TERMS = 32,

    /* Fields of one order: more never change the order of any rows. */
    LIMIT_ORDER_FIELDS = 4,

    /* Statements of filters and orders that a connection keeps prepared: clients repeat a few; each
     * takes some tens of KiB of the server's memory. */
    LIMIT_DB_SHAPES = 32,

    /* --- frames between processes --- */

    /* A frame on the wire, either way: nng takes memory for the whole of it before it arrives. */
    LIMIT_FRAME_BYTES = 4 * 1024 * 1024,

    /* One reply; what is larger should have been paged. */
    LIMIT_REPLY_BYTES = 1024 * 1024,

    /* Calls in a frame: measured, the gain per call is small beyond it. */
    LIMIT_FRAME_CALLS = 64,

    /* List calls in a frame: each may answer hundreds of rows. */
    LIMIT_FRAME_LISTS = 8,

    /* A frame unpacked: its bytes copied once, and a struct around every call. */
    LIMIT_FRAME_ARENA_BYTES = 4 * LIMIT_FRAME_BYTES,

    /* --- the receiving end of calls --- */

    /* Threads that work on frames; each has a database connection. */
    LIMIT_WORKERS = 64,

    /* Frames that may have arrived beside those worked on; the next ones wait in TCP's buffers. */
    LIMIT_FRAMES_WAITING = 16,

    /* A peer that reads none of its replies for so long loses its connection. */
    LIMIT_SEND_MS = 5000,

    /* Quiet time after the last reply before a socket is closed: what was sent must have left. */
    LIMIT_LINGER_MS = 100,

    /* --- the sending end of calls --- */

    /* Replicas of one service; more than anybody runs behind one gateway. */
    LIMIT_REPLICAS = 32,

    /* Frames in flight to one replica, whatever number of workers it says it has. */
    LIMIT_REPLICA_FRAMES = 16,

    /* Calls that wait for a worker: some frames of 64 for each of the workers there may be. */
    LIMIT_QUEUE_CALLS = 4096,

    /* How long a call waits for a worker: later answers help nobody, an early refusal does. */
    LIMIT_QUEUE_WAIT_MS = 2000,

    /* How long calls wait when no replica is there: a restart takes less. */
    LIMIT_DOWN_MS = 1000,

    /* When OVERLOADED and SERVICE_DOWN say that trying again makes sense. */
    LIMIT_RETRY_AFTER_MS = 1000,

    /* A frame without answer for so long, and nothing else heard, makes a replica suspect. */
    LIMIT_ATTEMPT_MS = 1000,

    /* A Check without answer counts as a timeout every so often; so do pauses between probes. */
    LIMIT_PROBE_MS = 500,

    /* Pause between the Checks of a healthy replica. */
    LIMIT_CHECK_MS = 2000,

    /* A Check that was not answered for so long is given up and sent anew. */
    LIMIT_CHECK_LOST_MS = 5000,

    /* A replica of which nothing was heard for so long is dialled anew: nng 1.5.2 can forget to. */
    LIMIT_REDIAL_MS = 10000,

    /* Closing a socket may take so long; then it is left to the end of the process. */
    LIMIT_SOCKET_CLOSE_MS = 1000,

    /* Calls with less time left travel alone: a statement timeout would end their neighbours. */
    LIMIT_URGENT_MS = 100,

    /* How often a call may leave; more attempts than that never helped anybody. */
    LIMIT_CALL_ATTEMPTS = 4,

    /* The first attempt after the n-th loss comes after up to n times this, at random. */
    LIMIT_RETRY_JITTER_MS = 50,

    /* Retries on credit; each ten calls earn one more, so that retries never double a load. */
    LIMIT_RETRY_CREDIT = 100,

    /* --- who is asking --- */

    /* Tokens whose signature is not checked again: callers of the last ten minutes; one takes about
     * a kilobyte. */
    LIMIT_AUTH_TOKENS = 4096,

    /* What was taken back within a token's life and is known one by one; 128 bytes each at most.
     * Beyond it everybody's tokens count as revoked, so nobody alone may get there: what makes
     * revocations has a cost. */
    LIMIT_AUTH_REVOCATIONS = 512 * 1024,

    /* Keys that are good at one time: the present one, the last, the next, and then some. */
    LIMIT_AUTH_KEYS = 16,

    /* How often a process asks what was taken back: a logout holds everywhere within a second. */
    LIMIT_AUTH_PULL_MS = 250,

    /* How long the first answer may take: another replica is asked soon when one hangs. After each
     * that did not come it is twice as long, up to the second: slow is not away. */
    LIMIT_AUTH_PULL_TIMEOUT_MS = 500,
    LIMIT_AUTH_PULL_PATIENCE_MS = 8000,

    /* The longest pause while there is no answer. */
    LIMIT_AUTH_BACKOFF_MS = 1000,

    /* Who was heard within so long has every key that there is: some times the pause between. */
    LIMIT_AUTH_FRESH_MS = 1000,

    /* The memory of one answer, unpacked. */
    LIMIT_AUTH_ANSWER_BYTES = 4 * 1024 * 1024,

    /* --- HTTP --- */

    /* Method, target and version: longer than any URL of a contract, short enough to log. */
    LIMIT_HTTP_REQUEST_LINE_BYTES = 4 * 1024,

    /* All header fields, names and line ends included: cookies and tokens of proxies fit. */
    LIMIT_HTTP_HEADER_BYTES = 16 * 1024,

    /* Header fields of one request: browsers behind two proxies send about thirty. */
    LIMIT_HTTP_FIELDS = 64,

    /* A body; the largest valid request of a contract is half of it. */
    LIMIT_HTTP_BODY_BYTES = 64 * 1024,

    /* The line before a chunk, size and extensions: nobody uses extensions. */
    LIMIT_HTTP_CHUNK_LINE_BYTES = 256,

    /* What a chunked body may add around its bytes: chunks of 16 bytes still fit. */
    LIMIT_HTTP_CHUNK_FRAMING_BYTES = 64 * 1024,

    /* An id given by a client: any usual scheme fits, a log line stays short. */
    LIMIT_REQUEST_ID_BYTES = 128,

    /* Who calls, as one process tells another: an address or the name of a certificate. */
    LIMIT_PRINCIPAL_BYTES = 512,

    /* A traceparent has 55 bytes in version 00; later versions may add to it. */
    LIMIT_TRACEPARENT_BYTES = 256,

    /* An access token; most have 600, the longest (auth/token.h) all of this. Every call carries
     * one. */
    LIMIT_ACCESS_TOKEN_BYTES = 2048,

    /* An address as text: IPv6 with a zone has 62 characters. */
    LIMIT_CLIENT_ADDRESS_BYTES = 64,

    /* One text of a log line, escaped: a path, a principal and an id together leave room for what
     * follows them. */
    LIMIT_LOG_TEXT_BYTES = 1024,

    /* A version that can be an entity tag: a number, a hash or a UUID, with room. */
    LIMIT_HTTP_TAG_BYTES = 64,

    /* Tags in one condition: caches send a handful; each costs a comparison in the statement. */
    LIMIT_HTTP_TAGS = 64,

    /* --- the gateway's connections --- */

    /* A whole head: typed by hand it takes longer, sent by a program never. */
    LIMIT_HTTP_HEAD_MS = 5000,

    /* A connection without a request: longer than a page's think time costs more than it saves. */
    LIMIT_HTTP_IDLE_MS = 15000,

    /* A connection that was opened or answered so lately may have a request on its way when the
     * gateway stops; a client without one is not waited for longer. */
    LIMIT_HTTP_FRESH_MS = 500,

    /* The window over which the rate of a body that comes, or an answer that goes, is measured. */
    LIMIT_HTTP_RATE_WINDOW_MS = 5000,

    /* The slowest rate: a modem's; the largest body then takes a minute. */
    LIMIT_HTTP_RATE_BYTES_PER_S = 1024,

    /* How long a request is worked on after its client sends no more, and so may have gone. */
    LIMIT_HTTP_GONE_MS = 1000,

    /* How long an ended connection is still read, so that its last answer is not lost. */
    LIMIT_HTTP_LINGER_MS = 1000,

    /* And how much: a body that was refused, and some more. */
    LIMIT_HTTP_LINGER_BYTES = 256 * 1024,

    /* What one read takes, and so what waits behind a request at most. */
    LIMIT_HTTP_READ_BYTES = 32 * 1024,

    /* Descriptors kept free for everything but connections. */
    LIMIT_RESERVED_DESCRIPTORS = 64,

    /* Requests whose memory is kept for the next ones. */
    LIMIT_EXCHANGES_KEPT = 64,

    /* Entries of X-Forwarded-For that are looked at: chains of proxies are short. */
    LIMIT_FORWARDED_FOR = 16,

    /* Networks of trusted proxies. */
    LIMIT_TRUSTED_NETWORKS = 64,

    /* Clients whose share is remembered at one time; one takes about a hundred bytes. */
    LIMIT_RATE_CLIENTS = 64 * 1024,

    /* API keys whose tokens are remembered: programs that call within ten minutes. One takes about
     * a kilobyte. */
    LIMIT_API_KEYS = 4 * 1024,

    /* API keys that are refused without asking: they push out no good ones. */
    LIMIT_API_KEYS_REFUSED = 1024,

    /* API keys that are asked about at one time: more new ones than that are guesses. */
    LIMIT_API_KEYS_ASKED = 256,

    /* How long a refused API key is not asked about again: a program in a loop costs its own
     * gateway little and the accounts service nothing. */
    LIMIT_API_KEY_REFUSED_MS = 5000,

    /* How long the exchange of an API key may take, whoever waits for it. */
    LIMIT_API_KEY_EXCHANGE_MS = 5000,

    /* How much of its life a token that is used for an API key has left at least: a call may wait
     * for as long, and clocks differ. */
    LIMIT_API_KEY_MARGIN_S = 60,

    /* Origins in CORS_ORIGINS; each request of a browser is compared with them. */
    LIMIT_CORS_ORIGINS = 64,

    /* How long a browser may remember a preflight: as long as any browser will. */
    LIMIT_CORS_MAX_AGE_S = 7200,

    /* Content is compressed from here on: below, the fields around it weigh more. */
    LIMIT_GZIP_BYTES = 1024,

    /* How long documents of the gateway are fresh: clients see a new release soon enough. */
    LIMIT_DOCUMENT_MAX_AGE_S = 300,

    /* --- passwords --- */

    /* Calls that wait for one of the threads that compute hashes of passwords: at some tens of
     * milliseconds each the last one's wait is one that people still bear. */
    LIMIT_PASSWORDS_WAITING = 16,

    /* --- the database, at start --- */

    /* One attempt to connect: a database in reach answers within milliseconds. */
    LIMIT_DB_CONNECT_MS = 5000,

    /* The first wait between attempts to connect: a server that restarts needs about as long. */
    LIMIT_DB_BACKOFF_FIRST_MS = 100,

    /* The longest wait: a database that is back is not left unused for longer. */
    LIMIT_DB_BACKOFF_MS = 5000,

    /* One file of a migration: it is code that people read; data comes another way. */
    LIMIT_MIGRATION_BYTES = 1024 * 1024,

    /* How long another process may hold the lock of the migrations: an index over a large table. */
    LIMIT_MIGRATION_LOCK_MS = 10 * 60 * 1000,

    /* --- calls and the database, while running --- */

    /* The time of a call that came without a deadline. */
    LIMIT_STATEMENT_MS = 30 * 1000,

    /* How much longer than its statement timeout a database may be silent before it counts as away.
     */
    LIMIT_DB_SILENCE_MS = 1000,

    /* How long a worker whose connection broke waits for a new one while the database is there. */
    LIMIT_DB_WAIT_MS = 1000,

    /* A file of the page /docs: the largest that Swagger UI has is half of it. */
    LIMIT_DOCS_FILE_BYTES = 4 * 1024 * 1024,

    /* Transactions that one frame may cost beyond its own after failures: enough to find several
     * calls among 64 that fail for reasons of their own. */
    LIMIT_FRAME_RETRIES = 64,

    /* How often one transaction is tried again after a deadlock or its kind. */
    LIMIT_TRANSACTION_RETRIES = 3,

    /* The wait before such a try is random and below this. */
    LIMIT_TRANSACTION_JITTER_MS = 50,

    /* How often an idle service asks whether the database is still there. */
    LIMIT_DB_PING_MS = 2000,

    /* How often expired answers to idempotency keys are removed, and how many in one short
     * transaction; passes follow each other until nothing is left. */
    LIMIT_PRUNE_MS = 60 * 1000,
    LIMIT_PRUNE_ROWS = 1000,
};

#endif

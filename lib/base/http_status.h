/*
 * HTTP's names of its statuses. They stand here, not in lib/http, because the build tool, of whose
 * work lib/http is made, writes them into documents.
 */
#ifndef DEPOT_BASE_HTTP_STATUS_H
#define DEPOT_BASE_HTTP_STATUS_H

/* "Not Found" for 404 (RFC 9110); "Unknown" for one that nobody here uses. */
const char *http_status_phrase(int status);

#endif

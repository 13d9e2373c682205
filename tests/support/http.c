#include "support/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/buf.h"
#include "support/exchanges.h"

static size_t
on_data(char *data, size_t size, size_t n, void *closure)
{
    buf_append(closure, data, size * n);
    return size * n;
}

static char *
take(struct buf *buf)
{
    buf_putc(buf, '\0');
    return buf->data;
}

/* Set before threads are made. */
static char authorization[2048];

void
http_authorize(const char *token)
{
    int length = token == NULL || token[0] == '\0' ? 0
                                                   : snprintf(authorization, sizeof(authorization),
                                                              "Authorization: Bearer %s", token);

    ASSERT(length < (int)sizeof(authorization));
    authorization[length] = '\0';
}

static struct curl_slist *
header_list(const char *const *headers, const char *body)
{
    struct curl_slist *list = NULL;
    bool has_type = false, has_authorization = authorization[0] == '\0';

    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++) {
        list = curl_slist_append(list, headers[i]);
        has_type = has_type || strncasecmp(headers[i], "content-type:", 13) == 0;
        has_authorization = has_authorization || strncasecmp(headers[i], "authorization:", 14) == 0;
    }
    if (!has_authorization) {
        list = curl_slist_append(list, authorization);
    }
    if (body != NULL && !has_type) {
        list = curl_slist_append(list, "Content-Type: application/json");
    }
    return curl_slist_append(list, "Expect:");
}

void
http_send(struct http_response *response, const char *verb, const char *url,
          const char *const *headers, const char *body)
{
    struct buf head = BUF_INIT;
    struct buf data = BUF_INIT;
    struct curl_slist *list = header_list(headers, body);
    CURL *curl = curl_easy_init();
    long status = 0;
    size_t body_bytes;
    CURLcode code;

    ASSERT(curl != NULL);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, verb);
    curl_easy_setopt(curl, CURLOPT_NOBODY, (long)(strcmp(verb, "HEAD") == 0));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &data);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &head);
    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    }
    code = curl_easy_perform(curl);
    if (code == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(list);
    body_bytes = data.length_bytes;
    *response = (struct http_response){
        .status = (int)status,
        .cut = code != CURLE_OK && code != CURLE_COULDNT_CONNECT,
        .headers = take(&head),
        .body = take(&data),
    };
    exchange_keep(verb, url, response->status, response->headers, response->body, body_bytes);
}

void
http_free(struct http_response *response)
{
    free(response->headers);
    free(response->body);
    *response = (struct http_response){0};
}

char *
http_header(const struct http_response *response, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = response->headers; line != NULL && *line != '\0';) {
        const char *end = strstr(line, "\r\n");

        if (end == NULL) {
            break;
        }
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1;

            value += strspn(value, " ");
            return strndup(value, (size_t)(end - value));
        }
        line = end + 2;
    }
    return NULL;
}

char *
http_member(const struct http_response *response, const char *name)
{
    json_t *object = json_loads(response->body, 0, NULL);
    const char *text = json_string_value(json_object_get(object, name));
    char *copy = strdup(text != NULL ? text : "");

    json_decref(object);
    return copy;
}

char *
http_raw(int port, const char *bytes, size_t length, int seconds, bool *closed)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)port)};
    struct buf data = BUF_INIT;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ASSERT(fd >= 0);
    *closed = true;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};

        (void)!send(fd, bytes, length, MSG_NOSIGNAL);
        while (poll(&wait, 1, seconds * 1000) > 0) {
            ssize_t n = recv(fd, buf_reserve(&data, 65536), 65536, 0);

            if (n <= 0) {
                break;
            }
            buf_grown(&data, (size_t)n);
            wait.revents = 0;
        }
        *closed = wait.revents != 0;
    }
    close(fd);
    return take(&data);
}

/* The gateway: HTTP for the world, RPC to the services. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "gateway.h"
#include "random.h"

/* Threads that start later inherit the mask: signals come through the descriptor only. */
static int
open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void
log_started(const struct gateway *gateway, const struct gateway_config *config)
{
    struct log_line line;

    log_begin(&line, LOG_INFO, "started");
    log_str(&line, "version", DEPOT_VERSION);
    log_int(&line, "port", gateway_port(gateway));
    log_int(&line, "adminPort", gateway_admin_port(gateway));
    gateway_config_log(&http_contract, config, &line);
    log_end(&line);
    auth_settings_warn(&config->auth);
}

static int
serve(const struct gateway_config *config)
{
    static struct gateway gateway;
    struct error error;
    size_t cut;
    enum status status = gateway_open(&gateway, config, &http_contract, open_signals(), &error);

    if (status != STATUS_OK) {
        log_message(LOG_ERROR, "not started", "%s", error.text);
        return status == STATUS_UNAVAILABLE ? EXIT_UNAVAILABLE : EXIT_CONFIG;
    }
    log_started(&gateway, config);
    cut = gateway_run(&gateway);
    log_message(cut == 0 ? LOG_INFO : LOG_WARN, "stopped", "%zu requests were cut.", cut);
    /* Nothing is under way any more, and main ends with _exit: to close sockets of nng that are
     * just connecting could only hold the end up. */
    return EXIT_SUCCESS;
}

static int
usage(const char *argument)
{
    if (strcmp(argument, "--help") == 0) {
        printf("depot-gateway: HTTP for the world, RPC to the services.\n\n"
               "Settings are environment variables:\n\n");
        gateway_config_help(&http_contract, stdout);
        return EXIT_SUCCESS;
    }
    if (strcmp(argument, "--config-markdown") == 0) {
        gateway_config_markdown(&http_contract, stdout);
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "depot-gateway: unknown argument %s; see --help\n", argument);
    return EXIT_CONFIG;
}

int
main(int argc, char **argv)
{
    static struct gateway_config config;
    struct error error;
    int code;

    if (argc > 1) {
        return usage(argv[1]);
    }
    random_in_blocks();
    log_open("gateway", LOG_INFO);
    if (gateway_config_load(&http_contract, &config, &error) != STATUS_OK) {
        log_message(LOG_ERROR, "not started", "%s", error.text);
        return EXIT_CONFIG;
    }
    log_open("gateway", config.rpc.log_level);
    code = serve(&config);
    log_flush();
    _exit(code); /* the transport's threads do not always end */
}

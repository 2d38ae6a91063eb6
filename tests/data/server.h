/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP server for tests, on this machine only: it says what its scripts say. */
#ifndef TESTS_DATA_SERVER_H
#define TESTS_DATA_SERVER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "near.h"

/* Answers connections one after the other, each with the next script; ends with the last. */
typedef struct server {
    int socket;
    int port;
    pthread_t thread;
    const char *const *scripts; /* head of the answer, %d the port; NULL-terminated */
    const unsigned char *bytes;
    int n_bytes; /* of these, which follow a head with 200 */
    int stalls;  /* then it waits for the client to go away */
    int resets;  /* or cuts the connection hard */
} server;

static inline void *server_run(void *user)
{
    server *s = user;
    for (int i = 0; s->scripts[i]; i++) {
        char head[1000];
        const int client = accept(s->socket, NULL, NULL);
        if (client < 0) {
            break;
        }
        (void)!read(client, head, sizeof head);
        const int n = snprintf(head, sizeof head, s->scripts[i], s->port);
        (void)!send(client, head, (size_t)n, MSG_NOSIGNAL);
        if (strstr(head, " 200 ")) {
            (void)!send(client, s->bytes, (size_t)s->n_bytes, MSG_NOSIGNAL);
            struct pollfd gone = {.fd = client, .events = POLLIN};
            (void)(s->stalls && poll(&gone, 1, 20000));
        }
        const struct linger hard = {1, 0};
        (void)(s->resets && setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard));
        close(client);
    }
    return NULL;
}

static inline void server_start(server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setenv("no_proxy", "*", 1); /* whoever runs this may have one */
    s->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s->socket >= 0);
    assert_int_equal(bind(s->socket, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(s->socket, 4), 0);
    assert_int_equal(getsockname(s->socket, (struct sockaddr *)&address, &length), 0);
    s->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, server_run, s), 0);
}

static inline void server_end(server *s)
{
    shutdown(s->socket, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->socket);
}

#endif

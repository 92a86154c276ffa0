/*
 * send_loop: what a plain C server costs that calls send() for each message and each client.
 *
 * One thread, one epoll. `POST /publish` sends the request's body as one text frame to every WebSocket client; any other path
 * with an upgrade becomes a client. The frame is built once a message. What a socket doesn't take is kept and sent when it is
 * writable again. It is here as the floor of "one system call a delivery", with nothing else that a real hub does.
 *
 * Usage: send_loop PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_BYTES 8192
#define BODY_BYTES (1024 * 1024)
#define MAX_BACKLOG (64 * 1024 * 1024)
#define EVENTS 512

struct peer {
    int fd;
    int place; /* index in `clients`, or -1 for an HTTP connection */
    bool closed;
    char *input;
    size_t used, room;
    char *backlog; /* bytes that the socket didn't take yet */
    size_t backlog_start, backlog_end, backlog_room;
    struct peer *next_closed;
};

static int poller;
static struct peer **clients;
static int client_count, client_room;
static struct peer *closed_peers;
static char frame[BODY_BYTES + 16];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void *resize(void *memory, size_t size) {
    memory = realloc(memory, size);
    if (!memory) die("memory");
    return memory;
}

/* ---- SHA-1 (FIPS 180-4) and Base64 (RFC 4648), for the handshake only ---- */

static uint32_t rotate(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void sha1_block(uint32_t h[5], const uint8_t *block) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) f = (b & c) | (~b & d), k = 0x5a827999;
        else if (i < 40) f = b ^ c ^ d, k = 0x6ed9eba1;
        else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
        else f = b ^ c ^ d, k = 0xca62c1d6;
        uint32_t next = rotate(a, 5) + f + e + k + w[i];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* `text` of at most 119 bytes: two blocks are enough for a key and the RFC's suffix. */
static void sha1(const char *text, size_t length, uint8_t digest[20]) {
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t block[128] = {0};
    size_t size = length < 56 ? 64 : 128;
    memcpy(block, text, length);
    block[length] = 0x80;
    block[size - 2] = (uint8_t)(length * 8 >> 8);
    block[size - 1] = (uint8_t)(length * 8);
    for (size_t at = 0; at < size; at += 64) sha1_block(h, block + at);
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void accept_value(const char *key, size_t length, char out[29]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[120];
    uint8_t digest[21] = {0};
    int total = snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)length, key);
    sha1(text, (size_t)total, digest);
    for (int i = 0, at = 0; i < 21; i += 3) {
        uint32_t three = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8 | digest[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) out[at++] = digits[three >> shift & 63];
    }
    out[27] = '=';
    out[28] = 0;
}

/* ---- connections ---- */

/* Freed after the round of events, in which it may be named again. */
static void hang_up(struct peer *p) {
    if (p->closed) return;
    p->closed = true;
    close(p->fd);
    if (p->place >= 0) {
        clients[p->place] = clients[--client_count];
        clients[p->place]->place = p->place;
    }
    p->next_closed = closed_peers;
    closed_peers = p;
}

static void free_closed(void) {
    while (closed_peers) {
        struct peer *p = closed_peers;
        closed_peers = p->next_closed;
        free(p->input);
        free(p->backlog);
        free(p);
    }
}

static void want(struct peer *p, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = p};
    if (epoll_ctl(poller, operation, p->fd, &event) < 0) die("epoll_ctl");
}

static void keep(struct peer *p, const char *data, size_t length) {
    bool idle = p->backlog_start == p->backlog_end;
    if (idle) p->backlog_start = p->backlog_end = 0;
    if (p->backlog_end - p->backlog_start + length > MAX_BACKLOG) {
        hang_up(p);
        return;
    }
    if (p->backlog_end + length > p->backlog_room) {
        p->backlog_room = (p->backlog_end + length) * 2;
        p->backlog = resize(p->backlog, p->backlog_room);
    }
    memcpy(p->backlog + p->backlog_end, data, length);
    p->backlog_end += length;
    if (idle) want(p, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

static void transmit(struct peer *p, const char *data, size_t length) {
    ssize_t sent = 0;
    if (p->backlog_start == p->backlog_end) {
        sent = send(p->fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) {
            hang_up(p);
            return;
        }
        if (sent < 0) sent = 0;
    }
    if ((size_t)sent < length) keep(p, data + sent, length - (size_t)sent);
}

static void on_writable(struct peer *p) {
    ssize_t sent = send(p->fd, p->backlog + p->backlog_start, p->backlog_end - p->backlog_start, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
        if (errno != EAGAIN) hang_up(p);
        return;
    }
    p->backlog_start += (size_t)sent;
    if (p->backlog_start == p->backlog_end) want(p, EPOLLIN, EPOLL_CTL_MOD);
}

static void broadcast(const char *body, size_t length) {
    size_t at = 0;
    frame[at++] = (char)0x81;
    if (length < 126) {
        frame[at++] = (char)length;
    } else if (length < 65536) {
        frame[at++] = 126;
        frame[at++] = (char)(length >> 8);
        frame[at++] = (char)length;
    } else {
        frame[at++] = 127;
        for (int shift = 56; shift >= 0; shift -= 8) frame[at++] = (char)(length >> shift);
    }
    memcpy(frame + at, body, length);
    /* From the end, so that a client that hangs up takes the place of none that is still to come. */
    for (int i = client_count - 1; i >= 0; i--) transmit(clients[i], frame, at + length);
}

static void upgrade(struct peer *p, const char *key) {
    char accept[29], answer[256];
    size_t length = strcspn(key, "\r\n");
    if (length > 64) {
        hang_up(p);
        return;
    }
    accept_value(key, length, accept);
    int total = snprintf(answer, sizeof answer,
                         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    if (client_count == client_room) {
        client_room = client_room ? client_room * 2 : 1024;
        clients = resize(clients, (size_t)client_room * sizeof *clients);
    }
    p->place = client_count;
    clients[client_count++] = p;
    transmit(p, answer, (size_t)total);
}

/* The bytes of the first whole request in the input, or 0. */
static size_t handle_request(struct peer *p) {
    char *end = strstr(p->input, "\r\n\r\n");
    if (!end) return 0;
    size_t head = (size_t)(end + 4 - p->input);
    char *key = strcasestr(p->input, "\r\nsec-websocket-key: ");
    if (key && key < end) {
        upgrade(p, key + 21);
        return head;
    }
    char *field = strcasestr(p->input, "\r\ncontent-length:");
    size_t body = field && field < end ? strtoul(field + 17, NULL, 10) : 0;
    if (body > BODY_BYTES) {
        hang_up(p);
        return 0;
    }
    if (p->used < head + body) return 0;
    bool known = !strncmp(p->input, "POST /publish ", 14);
    if (known) broadcast(p->input + head, body);
    const char *answer = known ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    transmit(p, answer, strlen(answer));
    return head + body;
}

/* The bytes of the first whole frame in the input, or 0. Clients have nothing to say here but ping and close. */
static size_t handle_frame(struct peer *p) {
    uint8_t *in = (uint8_t *)p->input;
    if (p->used < 2) return 0;
    size_t length = in[1] & 127, head = 6;
    if (length == 127) {
        hang_up(p);
        return 0;
    }
    if (length == 126) {
        if (p->used < 4) return 0;
        length = (size_t)in[2] << 8 | in[3];
        head = 8;
    }
    if (p->used < head + length) return 0;
    if ((in[0] & 15) == 8) {
        hang_up(p);
        return 0;
    }
    if ((in[0] & 15) == 9 && length < 126) {
        char pong[2 + 125] = {(char)0x8a, (char)length};
        for (size_t i = 0; i < length; i++) pong[2 + i] = (char)(in[head + i] ^ in[head - 4 + i % 4]);
        transmit(p, pong, 2 + length);
    }
    return head + length;
}

static void on_readable(struct peer *p) {
    if (p->used + INPUT_BYTES + 1 > p->room) {
        p->room = (p->used + INPUT_BYTES + 1) * 2;
        p->input = resize(p->input, p->room);
    }
    ssize_t got = recv(p->fd, p->input + p->used, p->room - p->used - 1, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || p->used + (size_t)got > BODY_BYTES + INPUT_BYTES) {
        hang_up(p);
        return;
    }
    p->used += (size_t)got;
    p->input[p->used] = 0;
    size_t done;
    while (!p->closed && p->used && (done = p->place >= 0 ? handle_frame(p) : handle_request(p))) {
        memmove(p->input, p->input + done, p->used - done + 1);
        p->used -= done;
    }
    if (!p->closed && !p->used) {
        free(p->input);
        p->input = NULL;
        p->room = 0;
    }
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct peer *p = calloc(1, sizeof *p);
        if (!p) die("memory");
        p->fd = fd;
        p->place = -1;
        want(p, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static int listen_on(int port) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    if (listen(fd, 4096) < 0) die("listen");
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: send_loop PORT\n");
        return 2;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int listener = listen_on(atoi(argv[1]));
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) die("epoll_create1");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll_ctl");
    for (;;) {
        static struct epoll_event events[EVENTS];
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct peer *p = events[i].data.ptr;
            if (!p) {
                accept_all(listener);
                continue;
            }
            if (!p->closed && events[i].events & EPOLLOUT) on_writable(p);
            if (!p->closed && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(p);
        }
        free_closed();
    }
}

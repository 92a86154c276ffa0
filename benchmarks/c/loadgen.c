/*
 * loadgen: the load generator of `python -m benchmarks`.
 *
 * One thread, one epoll. It opens WebSocket connections, publishes messages over keep-alive HTTP connections and counts what
 * arrives. To cost less than the server under test it looks at frame headers only; payloads are read on a sample of the
 * connections (every 16th, and the last), which gives the delays and proves that every message came exactly once there. While a
 * run is on, only the sampled connections are read at once; the others are swept some times a second, so that one read takes
 * several frames. Their messages wait in the kernel meanwhile, which costs every server the same.
 *
 * Commands come one a line on standard input, and each is answered by one line of JSON on standard output:
 *
 *   open TOTAL                                      connections to have open and subscribed
 *   run MESSAGES INFLIGHT RATE PAD TIMEOUT          RATE 0: as fast as INFLIGHT unanswered publishes allow; else messages a second
 *   quit
 *
 * Times are in seconds where a field says so, otherwise in microseconds. Messages are
 * PREFIX {"seq":N,"sent":MICROSECONDS,"pad":"xxx"} SUFFIX, PAD being the number of x.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SAMPLE_EVERY 16
#define MAX_HELLOS 4
#define MAX_PUBLISHERS 256
#define READ_BYTES (256 * 1024)
#define CAPTURE_BYTES (64 * 1024)
#define EVENTS 512
#define OPEN_TIMEOUT_US 60000000ULL
#define LATE_US 2000
#define SWEEP_US 50000
#define PACED_SWEEP_US 200000
/* The sample key of RFC 6455, section 1.3, and the answer that it must get. */
#define WS_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define WS_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

enum kind { KIND_STDIN, KIND_UNSAMPLED, KIND_SUBSCRIBER, KIND_PUBLISHER };
enum state { UNUSED, CONNECTING, UPGRADING, JOINING, READY, CLOSED };

struct subscriber {
    enum kind kind;
    enum state state;
    int fd;
    uint32_t skip_left;    /* frames still to come that are no publications */
    uint64_t received;     /* publications of this run */
    uint64_t payload_left; /* bytes of the frame's payload not yet read */
    uint64_t frame_bytes;
    uint8_t header[14];
    uint8_t header_len;
    uint8_t opcode;
    bool fin, in_frame, sampled, stuck;
    char *capture; /* the handshake's answer, a control frame, or a sampled payload */
    uint32_t captured;
    uint8_t *seen; /* sampled: which sequence numbers came */
    uint64_t unique;
    uint64_t line_bytes; /* --lines: bytes of the line being read */
};

struct publisher {
    enum kind kind;
    int fd;
    bool busy;
    uint32_t used;
    char answer[4096];
};

static struct {
    const char *path, *publish_path, *prefix, *suffix, *header, *content_type;
    const char *hello[MAX_HELLOS];
    int hellos, port, publish_port, skip, parallel, stuck, min_frame;
    bool lines, eager;
} config = {.path = "/", .publish_path = "/publish", .prefix = "", .suffix = "", .header = "",
            .content_type = "application/json", .parallel = 64, .min_frame = 1};

static struct subscriber *subscribers;
static int opened, ready, closed, connecting;
static struct publisher publishers[MAX_PUBLISHERS];
static int publisher_count;
static int poller;
static int unsampled_poller; /* the connections that a run only sweeps; watched by `poller` between runs */
static char read_buffer[READ_BYTES];
static char first_error[256];

/* What a run has seen so far. */
static struct {
    bool active;
    uint64_t messages, next, answered, failed, delivered, expected, bytes, stray;
    uint64_t start, last_delivery, interval, sweep_every, next_sweep;
    uint32_t *delays;
    uint64_t delay_count, delay_room;
    int pad;
} run;

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what) {
    fprintf(stderr, "loadgen: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    if (!memory) die("memory");
    return memory;
}

/* Keeps the first thing that went wrong, in characters that JSON takes as they are. */
static void note_error(const char *format, ...) {
    if (first_error[0]) return;
    va_list args;
    va_start(args, format);
    vsnprintf(first_error, sizeof first_error, format, args);
    va_end(args);
    for (char *c = first_error; *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < 32 || (unsigned char)*c > 126) *c = ' ';
}

static void watch(int in, int fd, uint32_t events, void *owner, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = owner};
    if (epoll_ctl(in, operation, fd, &event) < 0) die("epoll_ctl");
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void no_delay(int fd) {
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* Small requests and frames on sockets with empty buffers: a short wait is the most this ever needs. */
static bool send_all(int fd, const char *data, size_t length) {
    while (length) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            usleep(100);
            continue;
        }
        if (sent <= 0) return false;
        data += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* ---- subscribers ---- */

static int poller_of(const struct subscriber *s) { return s->sampled || config.eager ? poller : unsampled_poller; }

static void drop(struct subscriber *s) {
    if (s->state == CLOSED) return;
    if (s->state == CONNECTING || s->state == UPGRADING || s->state == JOINING) connecting--;
    if (s->state == READY) ready--;
    close(s->fd);
    s->state = CLOSED;
    closed++;
}

/* A client's frame is masked; a mask of zeros leaves the payload as it is. */
static bool send_frame(struct subscriber *s, int opcode, const char *payload, size_t length) {
    char frame[8 + 65536];
    size_t at = 0;
    if (length > 65535) return false;
    frame[at++] = (char)(0x80 | opcode);
    if (length < 126) {
        frame[at++] = (char)(0x80 | length);
    } else {
        frame[at++] = (char)(0x80 | 126);
        frame[at++] = (char)(length >> 8);
        frame[at++] = (char)(length & 255);
    }
    memset(frame + at, 0, 4);
    at += 4;
    memcpy(frame + at, payload, length);
    return send_all(s->fd, frame, at + length);
}

static void become_ready(struct subscriber *s) {
    s->state = READY;
    connecting--;
    ready++;
    if (s->stuck) epoll_ctl(poller_of(s), EPOLL_CTL_DEL, s->fd, NULL);
}

static uint64_t number_after(const char *text, size_t length, const char *name) {
    const char *at = memmem(text, length, name, strlen(name));
    if (!at) return UINT64_MAX;
    const char *end = text + length;
    for (at += strlen(name); at < end && (*at < '0' || *at > '9'); at++) {}
    uint64_t value = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++) value = value * 10 + (uint64_t)(*at - '0');
    return value;
}

/* A sampled connection's publication: its delay, and that it came once. */
static void sample(struct subscriber *s, const char *text, size_t length, uint64_t now) {
    uint64_t seq = number_after(text, length, "\"seq\"");
    uint64_t sent = number_after(text, length, "\"sent\"");
    if (seq >= run.messages || sent == UINT64_MAX || sent < run.start || sent > now) return;
    if (s->seen && !s->seen[seq]) {
        s->seen[seq] = 1;
        s->unique++;
    }
    if (run.delay_count < run.delay_room) run.delays[run.delay_count++] = (uint32_t)(now - sent);
}

static void publication(struct subscriber *s, uint64_t bytes, uint64_t now) {
    if (!run.active || s->stuck) {
        run.stray++;
        return;
    }
    s->received++;
    run.delivered++;
    run.bytes += bytes;
    run.last_delivery = now;
}

static void message_done(struct subscriber *s, uint64_t bytes, const char *text, uint64_t now) {
    if (bytes < (uint64_t)config.min_frame) return;
    if (s->skip_left) {
        if (--s->skip_left == 0) become_ready(s);
        return;
    }
    publication(s, bytes, now);
    if (text && run.active) sample(s, text, bytes, now);
}

/* --lines: a frame may hold several publications, one a line. */
static void count_lines(struct subscriber *s, const char *data, size_t length, uint64_t now) {
    const char *end = data + length;
    while (data < end) {
        const char *newline = memchr(data, '\n', (size_t)(end - data));
        s->line_bytes += (uint64_t)((newline ? newline : end) - data);
        if (!newline) return;
        if (s->line_bytes) message_done(s, s->line_bytes, NULL, now);
        s->line_bytes = 0;
        data = newline + 1;
    }
}

static void sample_lines(struct subscriber *s, uint64_t now) {
    char *data = s->capture, *end = s->capture + s->captured;
    while (data < end) {
        char *newline = memchr(data, '\n', (size_t)(end - data));
        if (!newline) newline = end;
        if (newline > data && run.active && !s->skip_left) sample(s, data, (size_t)(newline - data), now);
        data = newline + 1;
    }
}

static void frame_done(struct subscriber *s, uint64_t now) {
    s->in_frame = false;
    s->header_len = 0;
    if (s->opcode == 9) send_frame(s, 10, s->capture, s->captured);
    if (s->opcode == 8) drop(s);
    if (s->opcode >= 8 || !s->fin) return;
    if (config.lines) {
        if (s->sampled) sample_lines(s, now);
        if (s->line_bytes) message_done(s, s->line_bytes, NULL, now);
        s->line_bytes = 0;
    } else {
        message_done(s, s->frame_bytes, s->sampled ? s->capture : NULL, now);
    }
    s->captured = 0;
    s->frame_bytes = 0;
}

static void capture(struct subscriber *s, const char *data, size_t length) {
    if (!s->capture) s->capture = allocate(CAPTURE_BYTES + 1, 1);
    if (length > CAPTURE_BYTES - s->captured) length = CAPTURE_BYTES - s->captured;
    memcpy(s->capture + s->captured, data, length);
    s->captured += (uint32_t)length;
}

static size_t header_size(const uint8_t *header, size_t have) {
    if (have < 2) return 2;
    int length = header[1] & 127;
    return length < 126 ? 2 : length == 126 ? 4 : 10;
}

static uint64_t header_payload(const uint8_t *header) {
    int length = header[1] & 127;
    if (length < 126) return (uint64_t)length;
    uint64_t value = 0;
    for (int i = 0; i < (length == 126 ? 2 : 8); i++) value = value << 8 | header[2 + i];
    return value;
}

static void start_frame(struct subscriber *s) {
    uint8_t opcode = s->header[0] & 15;
    s->opcode = opcode;
    s->fin = s->header[0] & 128;
    s->payload_left = header_payload(s->header);
    s->in_frame = true;
    if (opcode >= 8) s->captured = 0;
    else s->frame_bytes += s->payload_left;
}

static void parse_frames(struct subscriber *s, const char *data, size_t length) {
    uint64_t now = now_us();
    while (s->state != CLOSED && (length || (s->in_frame && !s->payload_left))) {
        if (!s->in_frame) {
            while (length && s->header_len < header_size(s->header, s->header_len)) {
                s->header[s->header_len++] = (uint8_t)*data++;
                length--;
            }
            if (s->header_len < header_size(s->header, s->header_len)) return;
            start_frame(s);
        }
        size_t part = s->payload_left < length ? (size_t)s->payload_left : length;
        if (part && (s->sampled || s->opcode >= 8)) capture(s, data, part);
        if (part && config.lines && s->opcode < 8) count_lines(s, data, part, now);
        data += part;
        length -= part;
        s->payload_left -= part;
        if (s->payload_left) return;
        frame_done(s, now);
    }
}

static void send_upgrade(struct subscriber *s) {
    char path[512], request[2048];
    const char *mark = strstr(config.path, "%d");
    int index = (int)(s - subscribers);
    if (mark) snprintf(path, sizeof path, "%.*s%d%s", (int)(mark - config.path), config.path, index, mark + 2);
    else snprintf(path, sizeof path, "%s", config.path);
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: " WS_KEY "\r\nSec-WebSocket-Version: 13\r\n\r\n", path, config.port);
    if (!send_all(s->fd, request, (size_t)length)) drop(s);
}

static void upgraded(struct subscriber *s) {
    s->state = JOINING;
    for (int i = 0; i < config.hellos; i++)
        if (!send_frame(s, 1, config.hello[i], strlen(config.hello[i]))) {
            drop(s);
            return;
        }
    if (!s->skip_left) become_ready(s);
}

static void read_upgrade(struct subscriber *s, const char *data, size_t length) {
    uint32_t before = s->captured;
    capture(s, data, length);
    s->capture[s->captured] = 0;
    char *end = strstr(s->capture, "\r\n\r\n");
    if (!end) return;
    if (!strstr(s->capture, " 101 ") || !strstr(s->capture, WS_ACCEPT)) {
        note_error("the WebSocket handshake was refused: %.80s", s->capture);
        drop(s);
        return;
    }
    size_t used = (size_t)(end + 4 - s->capture) - before;
    s->captured = 0;
    if (!s->sampled) {
        free(s->capture);
        s->capture = NULL;
    }
    upgraded(s);
    parse_frames(s, data + used, length - used);
}

static void on_subscriber(struct subscriber *s, uint32_t events) {
    if (s->state == CONNECTING) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            note_error("connect: %s", strerror(error));
            drop(s);
            return;
        }
        s->state = UPGRADING;
        watch(poller_of(s), s->fd, EPOLLIN, s, EPOLL_CTL_MOD);
        send_upgrade(s);
        return;
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)) || s->state == CLOSED) return;
    /* A stuck client must not read past its subscription's answer. */
    ssize_t got = recv(s->fd, read_buffer, s->stuck ? 512 : READ_BYTES, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        note_error(got ? "a subscriber's connection broke: %s" : "the server closed a subscriber", strerror(errno));
        drop(s);
    } else if (s->state == UPGRADING) {
        read_upgrade(s, read_buffer, (size_t)got);
    } else {
        parse_frames(s, read_buffer, (size_t)got);
    }
}

static void start_subscriber(int total) {
    struct subscriber *s = &subscribers[opened];
    s->kind = KIND_SUBSCRIBER;
    s->stuck = opened < config.stuck;
    s->sampled = !s->stuck && (opened % SAMPLE_EVERY == 0 || opened == total - 1);
    s->skip_left = (uint32_t)config.skip;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0) die("socket");
    no_delay(s->fd);
    if (s->stuck) {
        int small = 4096;
        setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    struct sockaddr_in address = loopback(config.port);
    s->state = CONNECTING;
    connecting++;
    opened++;
    if (connect(s->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        note_error("connect: %s", strerror(errno));
        drop(s);
        return;
    }
    watch(poller_of(s), s->fd, EPOLLOUT, s, EPOLL_CTL_ADD);
}

/* ---- publishers ---- */

static void open_publisher(struct publisher *p) {
    struct sockaddr_in address = loopback(config.publish_port);
    p->kind = KIND_PUBLISHER;
    p->busy = false;
    p->used = 0;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p->fd < 0) die("socket");
    no_delay(p->fd);
    if (connect(p->fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect a publisher");
    watch(poller, p->fd, EPOLLIN, p, EPOLL_CTL_ADD);
}

static void reopen_publisher(struct publisher *p) {
    if (p->busy) {
        run.failed++;
        run.answered++;
        note_error("the server closed a publisher's connection before it answered");
    }
    close(p->fd);
    open_publisher(p);
}

static void publish(struct publisher *p, uint64_t sequence, uint64_t stamp) {
    static char body[CAPTURE_BYTES], request[CAPTURE_BYTES + 1024];
    static char pad[CAPTURE_BYTES];
    if (!pad[0]) memset(pad, 'x', sizeof pad - 1);
    int length = snprintf(body, sizeof body, "%s{\"seq\":%llu,\"sent\":%llu,\"pad\":\"%.*s\"}%s", config.prefix,
                          (unsigned long long)sequence, (unsigned long long)stamp, run.pad, pad, config.suffix);
    if (length >= (int)sizeof body) {
        errno = EMSGSIZE;
        die("publish");
    }
    int total = snprintf(request, sizeof request,
                         "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s",
                         config.publish_path, config.publish_port, config.content_type, config.header, length, body);
    p->busy = true;
    p->used = 0;
    if (!send_all(p->fd, request, (size_t)total)) reopen_publisher(p);
}

/* True when the answer is whole: by its length, by its last chunk, or because it has no body. */
static bool answer_whole(const char *answer, uint32_t used) {
    char *end = strstr(answer, "\r\n\r\n");
    if (!end) return false;
    char *length = strcasestr(answer, "\r\ncontent-length:");
    if (length && length < end) return used >= (size_t)(end + 4 - answer) + strtoul(length + 17, NULL, 10);
    char *chunked = strcasestr(answer, "\r\ntransfer-encoding:");
    if (chunked && chunked < end) return strstr(end, "\r\n0\r\n\r\n") != NULL;
    return true;
}

static void on_publisher(struct publisher *p) {
    ssize_t got = recv(p->fd, p->answer + p->used, sizeof p->answer - 1 - p->used, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        reopen_publisher(p);
        return;
    }
    p->used += (uint32_t)got;
    p->answer[p->used] = 0;
    if (!answer_whole(p->answer, p->used)) return;
    if (strncmp(p->answer, "HTTP/1.1 2", 10)) {
        run.failed++;
        char *body = strstr(p->answer, "\r\n\r\n");
        note_error("a publish was answered: %.*s %.120s", (int)strcspn(p->answer, "\r"), p->answer, body + 4);
    }
    run.answered++;
    p->busy = false;
}

/* ---- the loop ---- */

static bool stdin_ready;
static enum kind stdin_kind = KIND_STDIN, unsampled_kind = KIND_UNSAMPLED;

/* Reads every unsampled connection that has something, once. */
static void sweep(void) {
    static struct epoll_event events[EVENTS];
    int count = 0;
    for (int seen = 0; seen < opened; seen += count) {
        count = epoll_wait(unsampled_poller, events, EVENTS, 0);
        for (int i = 0; i < count; i++) on_subscriber(events[i].data.ptr, events[i].events);
        if (count < EVENTS) return;
    }
}

static void step(int timeout_ms) {
    static struct epoll_event events[EVENTS];
    int count = epoll_wait(poller, events, EVENTS, timeout_ms);
    for (int i = 0; i < count; i++) {
        enum kind *kind = events[i].data.ptr;
        if (*kind == KIND_SUBSCRIBER) on_subscriber(events[i].data.ptr, events[i].events);
        else if (*kind == KIND_PUBLISHER) on_publisher(events[i].data.ptr);
        else if (*kind == KIND_UNSAMPLED) sweep();
        else stdin_ready = true;
    }
}

/* One step of a run, which ends in time for the next sweep. */
static void run_step(int timeout_ms) {
    uint64_t now = now_us();
    if (now >= run.next_sweep) {
        sweep();
        now = now_us();
        run.next_sweep = now + run.sweep_every;
    }
    int to_sweep = (int)((run.next_sweep - now) / 1000) + 1;
    step(timeout_ms < to_sweep ? timeout_ms : to_sweep);
}

static void command_open(int total, int room) {
    if (total > room) total = room;
    uint64_t start = now_us(), deadline = start + OPEN_TIMEOUT_US;
    double cpu = cpu_seconds();
    int before = ready;
    first_error[0] = 0;
    while ((opened < total || connecting) && now_us() < deadline) {
        while (opened < total && connecting < config.parallel) start_subscriber(total);
        step(100);
    }
    printf("{\"opened\": %d, \"ready\": %d, \"closed\": %d, \"seconds\": %.6f, \"cpu\": %.6f, \"error\": \"%s\"}\n",
           ready - before, ready, closed, (double)(now_us() - start) / 1e6, cpu_seconds() - cpu, first_error);
    fflush(stdout);
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t percentile(double share) {
    if (!run.delay_count) return 0;
    uint64_t index = (uint64_t)(share * (double)run.delay_count);
    return run.delays[index < run.delay_count ? index : run.delay_count - 1];
}

static void begin_run(uint64_t messages, int inflight, double rate, int pad) {
    uint64_t stray = run.stray;
    memset(&run, 0, sizeof run);
    run.stray = stray;
    run.messages = messages;
    run.pad = pad;
    run.interval = rate > 0 ? (uint64_t)(1e6 / rate) : 0;
    run.sweep_every = rate > 0 ? PACED_SWEEP_US : SWEEP_US;
    uint64_t samples = 0;
    int active = 0;
    for (int i = 0; i < opened; i++) {
        struct subscriber *s = &subscribers[i];
        s->received = s->unique = 0;
        if (s->state != READY || s->stuck) continue;
        active++;
        if (!s->sampled) continue;
        samples++;
        free(s->seen);
        s->seen = allocate(messages, 1);
    }
    run.expected = messages * (uint64_t)active;
    run.delay_room = messages * samples;
    run.delays = allocate(run.delay_room, sizeof *run.delays);
    for (; publisher_count < inflight; publisher_count++) open_publisher(&publishers[publisher_count]);
    first_error[0] = 0;
    run.start = now_us();
    run.active = true;
}

/* Publishes what is due; says how many milliseconds the loop may sleep. */
static int publish_due(int inflight) {
    for (int i = 0; i < inflight && run.next < run.messages; i++) {
        if (publishers[i].busy) continue;
        uint64_t now = now_us(), due = run.start + run.next * run.interval;
        if (run.interval && now < due) return (int)((due - now) / 1000);
        /* A paced message that had to wait for a free connection counts from when it was due. */
        uint64_t stamp = run.interval && now - due > LATE_US ? due : now;
        publish(&publishers[i], run.next++, stamp);
    }
    return 100;
}

static void count_gaps(uint64_t *incomplete, uint64_t *bad_samples, int *stuck_cut) {
    for (int i = 0; i < opened; i++) {
        struct subscriber *s = &subscribers[i];
        if (s->stuck) {
            struct tcp_info info;
            socklen_t size = sizeof info;
            if (s->state == READY && !getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &size))
                *stuck_cut += info.tcpi_state != TCP_ESTABLISHED;
            continue;
        }
        if (s->state == READY && s->received != run.messages) ++*incomplete;
        if (s->state == READY && s->sampled && s->unique != run.messages) ++*bad_samples;
    }
}

static void report_run(double cpu) {
    uint64_t incomplete = 0, bad_samples = 0, end = run.last_delivery ? run.last_delivery : now_us();
    int stuck_cut = 0;
    count_gaps(&incomplete, &bad_samples, &stuck_cut);
    qsort(run.delays, run.delay_count, sizeof *run.delays, by_size);
    printf("{\"messages\": %llu, \"delivered\": %llu, \"expected\": %llu, \"seconds\": %.6f, \"answered\": %llu, "
           "\"publish_failed\": %llu, \"incomplete\": %llu, \"bad_samples\": %llu, \"closed\": %d, \"stray\": %llu, "
           "\"stuck_cut\": %d, \"samples\": %llu, \"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u, \"frame_bytes\": %.1f, "
           "\"cpu\": %.6f, \"error\": \"%s\"}\n",
           (unsigned long long)run.messages, (unsigned long long)run.delivered, (unsigned long long)run.expected,
           (double)(end - run.start) / 1e6, (unsigned long long)run.answered, (unsigned long long)run.failed,
           (unsigned long long)incomplete, (unsigned long long)bad_samples, closed, (unsigned long long)run.stray, stuck_cut,
           (unsigned long long)run.delay_count, percentile(0.5), percentile(0.99), percentile(1.0),
           run.delivered ? (double)run.bytes / (double)run.delivered : 0.0, cpu, first_error);
    fflush(stdout);
}

/* What the server refused to publish is not waited for. */
static bool run_done(void) {
    uint64_t each = run.messages ? run.expected / run.messages : 0;
    return run.answered >= run.messages && run.delivered >= run.expected - run.failed * each;
}

static void command_run(uint64_t messages, int inflight, double rate, int pad, double timeout) {
    if (inflight > MAX_PUBLISHERS) inflight = MAX_PUBLISHERS;
    begin_run(messages, inflight, rate, pad);
    double cpu = cpu_seconds();
    uint64_t deadline = run.start + (uint64_t)(timeout * 1e6);
    watch(poller, unsampled_poller, 0, NULL, EPOLL_CTL_DEL);
    while (!run_done() && now_us() < deadline) run_step(publish_due(inflight));
    watch(poller, unsampled_poller, EPOLLIN, &unsampled_kind, EPOLL_CTL_ADD);
    cpu = cpu_seconds() - cpu;
    run.active = false;
    report_run(cpu);
    free(run.delays);
    run.delays = NULL;
    run.stray = 0;
}

/* False at the end of the input or on `quit`. */
static bool command(int room) {
    char line[256];
    size_t used = 0;
    while (used < sizeof line - 1 && read(STDIN_FILENO, line + used, 1) == 1 && line[used] != '\n') used++;
    line[used] = 0;
    int total, inflight, pad;
    unsigned long long messages;
    double rate, timeout;
    if (sscanf(line, "open %d", &total) == 1) command_open(total, room);
    else if (sscanf(line, "run %llu %d %lf %d %lf", &messages, &inflight, &rate, &pad, &timeout) == 5)
        command_run(messages, inflight, rate, pad, timeout);
    else return false;
    return true;
}

static void option(const char *name, const char *value, int *room) {
    if (!strcmp(name, "--port")) config.port = atoi(value);
    else if (!strcmp(name, "--publish-port")) config.publish_port = atoi(value);
    else if (!strcmp(name, "--path")) config.path = value;
    else if (!strcmp(name, "--publish-path")) config.publish_path = value;
    else if (!strcmp(name, "--prefix")) config.prefix = value;
    else if (!strcmp(name, "--suffix")) config.suffix = value;
    else if (!strcmp(name, "--header")) config.header = value; /* whole, with its line end */
    else if (!strcmp(name, "--content-type")) config.content_type = value;
    else if (!strcmp(name, "--hello") && config.hellos < MAX_HELLOS) config.hello[config.hellos++] = value;
    else if (!strcmp(name, "--skip")) config.skip = atoi(value);
    else if (!strcmp(name, "--parallel")) config.parallel = atoi(value);
    else if (!strcmp(name, "--stuck")) config.stuck = atoi(value);
    else if (!strcmp(name, "--min-frame")) config.min_frame = atoi(value);
    else if (!strcmp(name, "--lines")) config.lines = atoi(value);
    else if (!strcmp(name, "--eager")) config.eager = atoi(value); /* no sweeps: every connection is read at once */
    else if (!strcmp(name, "--room")) *room = atoi(value);
    else {
        fprintf(stderr, "loadgen: unknown option %s\n", name);
        exit(2);
    }
}

int main(int argc, char **argv) {
    int room = 10000;
    for (int i = 1; i + 1 < argc; i += 2) option(argv[i], argv[i + 1], &room);
    if (!config.publish_port) config.publish_port = config.port;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    subscribers = allocate((size_t)room, sizeof *subscribers);
    poller = epoll_create1(EPOLL_CLOEXEC);
    unsampled_poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0 || unsampled_poller < 0) die("epoll_create1");
    watch(poller, STDIN_FILENO, EPOLLIN, &stdin_kind, EPOLL_CTL_ADD);
    watch(poller, unsampled_poller, EPOLLIN, &unsampled_kind, EPOLL_CTL_ADD);
    for (;;) {
        stdin_ready = false;
        step(1000);
        if (stdin_ready && !command(room)) return 0;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Available memory from /proc/meminfo and the cgroup. */
#include "base/memory.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number that follows key at the beginning of a line of a small system file; SIZE_MAX if there is none
 * ("max"). Read without a stream, so that it takes no memory to ask. */
static size_t read_number(const char *path, const char *key)
{
    char text[8192];
    size_t n = 0;
    ssize_t got = 1;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return SIZE_MAX;
    }
    while (n < sizeof text - 1 && (got = read(file, text + n, sizeof text - 1 - n)) > 0) {
        n += (size_t)got;
    }
    (void)close(file);
    text[n] = '\0';
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, strlen(key)) == 0) {
            char *end = NULL;
            const char *digits = line + strlen(key);
            const unsigned long long value = strtoull(digits, &end, 10);
            return end > digits ? (size_t)value : SIZE_MAX;
        }
        if (!*line) {
            break;
        }
    }
    return SIZE_MAX;
}

size_t kgi_memory_available_bytes(void)
{
    const size_t kib = read_number("/proc/meminfo", "MemAvailable:");
    const size_t available = kib == SIZE_MAX ? SIZE_MAX : kib * 1024;
    const size_t limit = read_number("/sys/fs/cgroup/memory.max", "");
    const size_t used = read_number("/sys/fs/cgroup/memory.current", "");
    if (limit == SIZE_MAX || used == SIZE_MAX) {
        return available;
    }
    const size_t room = limit > used ? limit - used : 0;
    return room < available ? room : available;
}

size_t kgi_memory_resident_bytes(void)
{
    const size_t kib = read_number("/proc/self/status", "VmRSS:");
    return kib == SIZE_MAX ? 0 : kib * 1024;
}

size_t kgi_memory_peak_bytes(void)
{
    const size_t kib = read_number("/proc/self/status", "VmHWM:");
    return kib == SIZE_MAX ? 0 : kib * 1024;
}

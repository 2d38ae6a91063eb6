/* SPDX-License-Identifier: Apache-2.0 */
/* Available memory from /proc/meminfo and the cgroup. */
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number that follows key on a line of a small system file; SIZE_MAX if there is none ("max"). */
static size_t read_number(const char *path, const char *key)
{
    FILE *file = fopen(path, "re");
    size_t number = SIZE_MAX;
    char line[128];
    while (file && number == SIZE_MAX && fgets(line, sizeof line, file)) {
        if (strncmp(line, key, strlen(key)) == 0) {
            char *end = NULL;
            const char *digits = line + strlen(key);
            const unsigned long long value = strtoull(digits, &end, 10);
            number = end > digits ? (size_t)value : SIZE_MAX;
        }
    }
    if (file) {
        (void)fclose(file);
    }
    return number;
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

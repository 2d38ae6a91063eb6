/* SPDX-License-Identifier: Apache-2.0 */
/* Available memory from /proc/meminfo and the cgroup. */
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static size_t meminfo_available(void)
{
    FILE *file = fopen("/proc/meminfo", "re");
    size_t bytes = SIZE_MAX;
    char line[128];
    while (file && fgets(line, sizeof line, file)) {
        unsigned long long kib = 0;
        if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1) {
            bytes = (size_t)kib * 1024;
        }
    }
    if (file) {
        (void)fclose(file);
    }
    return bytes;
}

/* The number in a cgroup file; SIZE_MAX for "max" or no file. */
static size_t cgroup_number(const char *path)
{
    FILE *file = fopen(path, "re");
    unsigned long long value = 0;
    const int found = file && fscanf(file, "%llu", &value) == 1;
    if (file) {
        (void)fclose(file);
    }
    return found ? (size_t)value : SIZE_MAX;
}

size_t kgi_memory_available_bytes(void)
{
    const size_t available = meminfo_available();
    const size_t limit = cgroup_number("/sys/fs/cgroup/memory.max");
    const size_t used = cgroup_number("/sys/fs/cgroup/memory.current");
    if (limit == SIZE_MAX || used == SIZE_MAX) {
        return available;
    }
    const size_t room = limit > used ? limit - used : 0;
    return room < available ? room : available;
}

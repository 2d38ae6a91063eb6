/* SPDX-License-Identifier: Apache-2.0 */
/* peak_of PROGRAM WORD...: runs it without output and prints the most bytes that it had in memory. A
 * small program starts it, because a child inherits the peak of its parent until it has its own. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: peak_of PROGRAM WORD...\n");
        return 99;
    }
    const pid_t child = fork();
    if (child == 0) {
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)dup2(nowhere, STDERR_FILENO);
        (void)execv(argv[1], argv + 1);
        _exit(98);
    }
    int code = 0;
    struct rusage usage;
    if (child < 0 || wait4(child, &code, 0, &usage) != child || !WIFEXITED(code)) {
        return 97;
    }
    (void)printf("%lld\n", (long long)usage.ru_maxrss * 1024);
    return WEXITSTATUS(code);
}

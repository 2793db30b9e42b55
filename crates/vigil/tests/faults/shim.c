/* Stands between a process and its disk: while the file named by VIGIL_SHIM holds a word, writing or syncing the database fails.
   "full": no space left; "sync": the sync fails; "read": a page cannot be read. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int told(const char *word) {
  const char *path = getenv("VIGIL_SHIM");
  char have[16] = {0};
  if (!path) return 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  static ssize_t (*real)(int, void *, size_t);
  if (!real) real = dlsym(RTLD_NEXT, "read");
  ssize_t n = real(fd, have, sizeof have - 1);
  close(fd);
  return n > 0 && strncmp(have, word, strlen(word)) == 0;
}

/* Only the database and its companions: sockets, logs and the client's files go on. */
static int ours(int fd) {
  char link[64], name[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, name, sizeof name - 1);
  if (n <= 0) return 0;
  name[n] = 0;
  return strstr(name, "vigil.db") != NULL && strstr(name, "-shm") == NULL;
}

#define FAIL(fd, word, code) \
  if (ours(fd) && told(word)) { errno = code; return -1; }

ssize_t pwrite(int fd, const void *b, size_t n, off_t at) {
  FAIL(fd, "full", ENOSPC)
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite");
  return real(fd, b, n, at);
}

ssize_t pwrite64(int fd, const void *b, size_t n, off64_t at) {
  FAIL(fd, "full", ENOSPC)
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
  return real(fd, b, n, at);
}

ssize_t pread64(int fd, void *b, size_t n, off64_t at) {
  FAIL(fd, "read", EIO)
  static ssize_t (*real)(int, void *, size_t, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "pread64");
  return real(fd, b, n, at);
}

int fsync(int fd) {
  FAIL(fd, "sync", EIO)
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  return real(fd);
}

int fdatasync(int fd) {
  FAIL(fd, "sync", EIO)
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
  return real(fd);
}

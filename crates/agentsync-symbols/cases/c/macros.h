#ifndef MACROS_H
#define MACROS_H

#define LIMIT 10
#define MAX(a, b) ((a) > (b) ? (a) : pick(b))
#define LOG(format, ...) printf(format, __VA_ARGS__)

#ifdef _WIN32
int open_it(void);
#else
int open_it(int flags);
#endif

#if LIMIT > 3
static int extra;
#endif

int always(void);

#endif

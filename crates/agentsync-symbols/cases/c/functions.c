#include <stdio.h>
#include "store/user.h"

/* Mentions Nobody. */
static int charge(struct user *to, const char *name, unsigned amount)
{
	to->pay(amount, name);
	struct point p = { .x = 1, .y = 2 };
	user_t u = { 1, 2 };
	int list[] = { 1, 2 };
	send(&p, (struct point){ .x = 3 }, sizeof(u));
	return list[0];
}

int none(void);
extern int any();
void log_all(const char *format, ...);
char *(dup)(const char *text);
int (*hook)(int code);
static struct node *head(struct list *l) { return l->first; }
const int LIMIT = 3, floor_of;
extern int shared;
static struct user users[10] = { { 1 } };

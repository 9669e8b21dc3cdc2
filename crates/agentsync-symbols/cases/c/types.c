struct user {
	int id, age;
	char *name;
	int (*compare)(struct user *, struct user *);
	struct {
		int deep;
	} nested;
	unsigned flag : 1;
};

typedef struct {
	double x;
} point_t, *point_p;

typedef struct user user_t;
typedef int (*handler)(int code);
typedef enum { LOW, HIGH = 3 } level;

enum color { RED, GREEN };
union bits { int a; float b; };
struct later;

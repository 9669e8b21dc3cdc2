__attribute__((noreturn)) void die(int code);
static inline int twice(int n) { return n * 2; }
int old_style(a, b)
	int a;
	int b;
{
	return a + b;
}
unsigned long long wide(unsigned long long n) { return n; }

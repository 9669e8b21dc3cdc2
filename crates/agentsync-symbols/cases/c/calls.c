void f(struct ops *ops, int n)
{
	ops->open(n, 1);
	table[n].close(n);
	(*hook)(1);
	printf("user_name %d\n", n);
	use("plain-key");
	for (int i = 0; i < n; i++)
		tick(i);
	goto out;
out:
	MAX(1, 2);
}

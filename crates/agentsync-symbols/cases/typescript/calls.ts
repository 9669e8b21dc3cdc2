function f(user: User, list: User[], maybe: User | undefined, any: Promise<User>) {
  const made = new Point(1, 2);
  const copy = <const>{ a: 1 };
  const typed: Store = { get: (k) => k, set() {}, size };
  const cast = value as Circle;
  const other = load<User>("user.name", 1);
  user?.rename("x");
  user.group.join(1);
  g(...list);
  tag`text ${user.name(1)}`;
  new Map<string, User>();
  new Bare;
  for (const each of list) each.go();
  try {
    maybe!.go(1);
  } catch (err) {
    err.log();
  }
  list.map(({ id }) => id);
  (await any).go();
  return { a: 1, b: 2, a: 3 } satisfies Options;
}

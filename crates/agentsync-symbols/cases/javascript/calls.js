function f(user, list) {
  user.rename("a", 1);
  user?.group?.join(1);
  g(...list, 2);
  list.forEach((each) => each.go());
  new Map([[1, 2]]);
  (function () {
    inner(1);
  })();
  for (const key in user) use(key);
  for (let i = 0; i < 3; i++) {}
  try {
  } catch ({ code }) {}
  import("./lazy.js").then((m) => m.run());
  label: while (true) break label;
}

LIMIT = 10
LIMIT = 11
users: dict[str, User] = {}
a, (b, *c) = pair


def f(user: models.User, maybe: Optional[User], other: User | None, late: "Group", both: A | B, *args: int, **kw):
    x = Point(1)
    y: Shape = load()
    z = geo.Circle(2)
    for i, each in enumerate(list):
        pass
    with open(p) as handle, lock:
        pass
    try:
        pass
    except ValueError as err:
        pass
    if (n := len(x)) > 1:
        pass
    g = [q for q in y]
    x.attr = 1
    x[0] = 2
    x += 1
    late.rename()

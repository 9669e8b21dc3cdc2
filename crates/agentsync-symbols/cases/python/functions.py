"""A docstring that mentions Nobody."""


def plain(a, b: int, c=1, *, d, e: str = "x") -> User:
    return a


def positional(a, b, /, c, d=2):
    pass


def variadic(first, *rest: int, key=None, **options: str):
    pass


async def fetch(url: str) -> "Response":
    def inner(q):
        return q

    return await inner(url)


def _hidden():
    pass


if True:
    def maybe():
        pass

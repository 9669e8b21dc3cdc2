def before():
    call(1)


def broken(a:
    x = = 1


def after(a):
    other(a, 2)

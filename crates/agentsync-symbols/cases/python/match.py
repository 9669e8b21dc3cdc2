def f(c):
    match c:
        case Color.RED:
            return 1
        case Color.GREEN | Color.BLUE:
            return 2
    match c:
        case Circle(r) if r > 1:
            return 1
        case Square(side=s):
            return 2
        case "text" | 3:
            return 3
        case [a, b]:
            return 4
        case _:
            return 5
    match c:
        case Point() as p:
            return 1
        case other:
            return other

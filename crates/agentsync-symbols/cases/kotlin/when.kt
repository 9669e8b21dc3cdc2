fun f(c: Color, s: Shape, n: Int): Int {
    when (c) {
        Color.RED -> return 1
        Color.GREEN, BLUE -> return 2
    }
    when (s) {
        is Shape.Circle -> 1
        is Empty -> 2
        else -> 3
    }
    when (n) {
        1, 2 -> 1
        in 3..4 -> 2
    }
    return when {
        n > 1 -> 2
        else -> 3
    }
}

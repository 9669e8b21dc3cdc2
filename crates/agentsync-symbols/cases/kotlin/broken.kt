fun before() {
    call(1)
}

fun broken(a: {
    val x =
}

fun after(a: Int) {
    other(a, 2)
}

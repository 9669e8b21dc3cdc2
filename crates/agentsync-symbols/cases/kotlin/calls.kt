fun f(user: User) {
    user.apply { rename("x") }
    user.run(1) { go() }
    list.filter { it > 1 }.map { x, y -> x + y }
    Point(x = 1, y = 2).move(by = 3)
    a.b.c(1)
    User::class.java
    val s = "${user.name} and $user"
    block()
    with(user) { rename("y") }
    lambda.invoke(1)
    if (user is Admin) user.grant(1)
    Store.Inner().deep()
}

package a

const val LIMIT = 3
private var count: Int = 0

fun <T> List<T>.second(): T = this[1]

inline fun run(times: Int, block: (Int) -> Unit) {
    for (i in 0 until times) block(i)
}

fun bind(user: User?, pair: Pair<Int, Int>) {
    val made = Point(1, 2)
    val typed: Shape = load()
    var (a, b) = pair
    for ((k, v) in map) use(k, v)
    try {
        run(3) { n -> println("user.name $n") }
    } catch (e: IOException) {
        e.log()
    }
    val add = fun(m: Int, n: Int): Int { return m + n }
    user?.rename("x")
    user!!.group.join()
    fun local(q: Int) {}
    val job = object : Runnable, Closeable {
        override fun run() {
            tick(1)
        }
    }
    val f: Handler = { event -> event.go() }
    list.map(::tick)
    list.map(User::name)
    spread(*items)
}

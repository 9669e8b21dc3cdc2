class Box<T : Any>(val item: T) where T : Comparable<T> {
    fun <R> map(f: (T) -> R): Box<R> = Box(f(item))
    operator fun plus(other: Box<T>): Box<T> = other
    infix fun or(other: Box<T>?): Box<T> = this
}

fun String?.orEmptyText(): String = this ?: ""
val Int.doubled: Int get() = this * 2

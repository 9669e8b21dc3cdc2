package a

interface Store : Reader {
    fun put(key: String, value: ByteArray)
    fun size(): Int = 0
    val name: String get() = "store"
}

private class Hidden
internal open class Half protected constructor(vararg parts: Int)
sealed interface Event
class Impl(store: Store) : Store by store

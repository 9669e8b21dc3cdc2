object Config {
    private const val KEY = "config.key"
    var debug by lazy { false }
    fun load() = read(KEY)
}

class Holder {
    companion object Factory {
        @JvmStatic
        fun create(): Holder = Holder()
    }
    val listener = object {
        val count = 1
        fun run() {}
    }
}

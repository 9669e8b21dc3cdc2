@file:JvmName("Stores")
package com.example.store

import java.util.List
import kotlin.math.max as biggest
import org.junit.*

/** Mentions Nobody. */
@Service
abstract class Store<T>(private val users: UserStore, path: String, var size: Int = 1) : Base<T>(path, 2), Reader, io.Closer by users {
    private val limit = 10
    lateinit var name: String
    val first: T
        get() = items[0]
    protected open fun read(key: String, vararg rest: Int, force: Boolean = false): T? = null
    abstract suspend fun save(item: T)
    override fun close() {
        users.load(1)
        this.users.load(force = true, key = 2)
        super.close()
        size.let { it + 1 }
        biggest(1, 2)
        read("a.key") { x -> x.go() }
    }

    constructor(path: String) : this(UserStore(), path)

    init {
        check(true)
    }

    companion object {
        const val MAX = 3
        fun open(path: String): Store<Int> = TODO()
    }

    inner class Inner {
        fun deep() {}
    }
}

interface Reader {
    val id: Int
    fun find(key: String): Int
    fun all(): List<Int> = emptyList()
}

data class Point(val x: Int, val y: Int = 0)

enum class Color(val code: Int) : Named {
    RED(1),
    GREEN(2) {
        override fun label() = "g"
    },
    BLUE;

    open fun label() = "x"
}

sealed class Shape {
    class Circle(val r: Double) : Shape()
    object Empty : Shape()
}

object Registry : Base() {
    fun register(shape: Shape) {}
}

fun interface Handler {
    fun handle(event: Event)
}

typealias Pair2 = Pair<Int, Int>
annotation class Route(val path: String)

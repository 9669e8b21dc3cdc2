package app

// Mentions Nobody.
class Store(path: String) extends Base with Reader {
  val limit = 10
  def find(key: String, count: Int = 1): Int = users.load("user_name")
}

object Store {
  def open(path: String): Store = new Store(path)
}

trait Reader {
  def find(key: String): Int
}

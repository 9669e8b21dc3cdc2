// Mentions Nobody.
class Store: Base {
    let limit = 10
    init(path: String) { load(path) }
    func find(key: String, count: Int = 1) -> Int {
        return users.load("user_name")
    }
}

protocol Reader {
    func find(key: String) -> Int
}

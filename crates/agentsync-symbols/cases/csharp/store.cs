namespace App {
    // Mentions Nobody.
    public class Store : Base, IReader {
        private int limit = 10;
        public Store(string path) { Load(path); }
        public int Find(string key, int count = 1) {
            return this.users.Load("user.name");
        }
    }
    interface IReader { int Find(string key); }
}

class Store extends mixins.Base {
  static limit = 10;
  #secret = 1;
  handler = (event) => this.emit(event);

  constructor(path, size) {
    super(path, 2);
    this.path = path;
    this.cache = new Cache();
    this.cache.load(1);
    this.#hide();
    this.path = null;
  }

  get first() {
    return this.items[0];
  }

  set first(value) {}

  static async open(path) {
    return new Store(path, 1);
  }

  *[Symbol.iterator]() {}

  #hide() {}
}

class Empty {}

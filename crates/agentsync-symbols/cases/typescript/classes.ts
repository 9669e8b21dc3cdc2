@Injectable
export abstract class Store<T> extends Base<T> implements Reader, io.Closer {
  static readonly limit: number = 10;
  protected name?: string;
  #secret = new Secret();
  handler = async (event: Event) => this.emit(event);

  constructor(private readonly users: UserStore, path: string, public size = 1) {
    super(path, 2);
    this.users.load(1);
    this.open();
    this.late = 1;
  }

  abstract read(key: string): T;

  get first(): T {
    return this.items[0];
  }

  set first(value: T) {}

  override async save(item: T, force?: boolean): Promise<void> {
    super.save(item);
    this.#hide();
  }

  private static of(): Store<any> {
    return new Store.Inner();
  }

  #hide() {}

  on(name: "a"): void;
  on(name: string): void {}
}

const Named = class extends Base {
  run() {}
};

register(class extends Plugin {
  start() {}
});

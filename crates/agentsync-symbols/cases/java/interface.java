package a;

@FunctionalInterface
public interface Store<K> extends Reader<K>, Closer {
    String NAME = "store";

    void put(K key, byte[] value) throws IOException;

    default int size() {
        return 0;
    }

    static Store<String> open(String path) {
        return new FileStore(path);
    }

    private void check() {}

    interface Listener {
        boolean onChange(Object key);
    }
}

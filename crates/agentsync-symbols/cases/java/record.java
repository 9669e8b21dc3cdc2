package a;

public record Point(int x, double y) implements Shape {
    static final Point ZERO = new Point(0, 0);

    public Point {
        if (x < 0) throw new IllegalArgumentException("x");
    }

    Point(int x) {
        this(x, 0);
    }

    Point moved(int by) {
        return new Point(x + by, y);
    }
}

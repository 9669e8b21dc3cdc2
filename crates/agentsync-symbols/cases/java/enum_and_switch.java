package a;

enum Color implements Named {
    RED(1),
    GREEN(2) {
        @Override
        public String label() {
            return "g";
        }
    },
    BLUE;

    private int code;

    Color(int code) {
        this.code = code;
    }

    String name(Color c) {
        switch (c) {
            case RED:
                return "r";
            case GREEN:
            case BLUE:
                return "x";
        }
        return switch (c) {
            case RED, Color.GREEN -> "a";
            case RED -> "again";
            default -> "b";
        };
    }

    int area(Shape s) {
        return switch (s) {
            case Circle c -> c.r();
            case Square(int side) when side > 1 -> side;
            case Square(var side) -> 0;
        };
    }
}

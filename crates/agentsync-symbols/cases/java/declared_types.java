class Names {
    private final UserStore users;

    void all(List<User> list, User[] many, String... rest) {
        var made = new java.util.ArrayList<User>();
        var unknown = load();
        User a = null, b;
        for (User u : list) u.rename();
        for (int i = 0; i < 3; i++) {}
        try (Reader in = open()) {
            in.read();
        } catch (IOException | RuntimeException e) {
            e.log();
        } catch (Error bad) {
            bad.log();
        }
        if (a instanceof Admin admin) admin.grant();
        if (a instanceof Point(int x, var y)) use(x, y);
        this.users.find(1);
        users.find(2);
    }
}

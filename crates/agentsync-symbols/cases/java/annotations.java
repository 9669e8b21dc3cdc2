package a;

@interface Route {
    String value();
    int port() default 80;
}

@Route("home")
class Home {
    @Route(value = "index", port = 8080)
    @Deprecated
    void index() {}
}

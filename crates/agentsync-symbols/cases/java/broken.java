package a;

class Half {
    void before() {
        call(1);
    }

    void broken( {
        x.;
    }

    void after(int a) {
        other(a, 2);
    }

class Jobs {
    Runnable later = () -> run(1);

    void start(Executor pool) {
        pool.execute(new Runnable() {
            int n;

            @Override
            public void run() {
                tick(n);
            }
        });
        Callback<String> done = (text, code) -> log(text);
        pool.submit(x -> x.go());
        pool.submit(Jobs::tick);
        class Local {
            void inner() {}
        }
        new Local().inner();
    }
}

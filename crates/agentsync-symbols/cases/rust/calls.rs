struct Server {
    store: Store,
}

impl Server {
    fn run(&self, f: impl Fn(u8)) {
        self.store.load(1, 2);
        self.listen();
        Self::start(self, 1);
        f(1);
        User::new("a b", 1);
        crate::auth::login("user.name");
        Vec::<u8>::with_capacity(3);
        parse::<u8>(1);
        it.map(|x| x.len()).collect::<Vec<_>>();
        <T as Trait>::make(1);
        other.user.name();
        let u = User { name: "x", age, ..Default::default() };
        let p = geo::Point { x: 1, y: 2 };
        Some(1).unwrap();
        items.iter().for_each(Server::tick);
    }
}

fn patterns(p: Point, o: Option<u8>) {
    let Point { x, y: why, .. } = p;
    if let Some(value) = o {
        use_it(value);
    }
    let Pair(a, _, ..) = pair else { return };
    let geo::Line { from, to } = line;
}

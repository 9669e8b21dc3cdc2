fn tests() {
    assert_eq!(sum(1, 2), 3);
    println!("{} {name}", user.full_name(1), other);
    vec![Point::new(1, 2), self.make(3), self.store.get(4)];
    matches!(x, Shape::Circle(_));
    log::info!("x", a.b.c(f(1, 2), 3));
    check!(run(|a, b| a), cast::<A, B>(1), empty());
    define! {
        fn made(a: u8) {}
    }
}

macro_rules! outer {
    () => { inner_call(1, 2); };
}

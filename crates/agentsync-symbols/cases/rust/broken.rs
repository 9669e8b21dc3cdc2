fn before() {
    call(1);
}

fn broken(a: u8 {
    let x = ;
}

fn after(a: u8) {
    other(a, 2);
}

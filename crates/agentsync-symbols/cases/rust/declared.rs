const LIMIT: usize = 3;

fn f<'a, T>(user: &'a mut User<T>, (a, b): (u8, u8), list: Vec<User>, any: impl Store, dynamic: Box<dyn Store>) {
    let x: Point = make();
    let mut y = Point { x: 1 };
    let z = &User::new(1);
    let w = Store::open();
    let (c, Some(d)) = pair;
    for (i, each) in list.iter().enumerate() {}
    while let Some(top) = stack.pop() {}
    let add = |m, n: u8| m + n;
    if let Ok(v) | Err(v) = got {}
    'outer: loop {
        break 'outer;
    }
    fn nested(q: u8) {}
}

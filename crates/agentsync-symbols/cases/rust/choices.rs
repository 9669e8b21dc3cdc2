fn f(s: Shape, c: Color, n: u8, t: (u8, u8)) {
    match s {
        Shape::Circle(r) => use_it(r),
        Shape::Square { side } if side > 1.0 => {}
        Shape::Square { .. } | Shape::Empty => {}
    }
    match c {
        Color::Red => 1,
        Color::Green | Color::Blue => 2,
        _ => 3,
    };
    match c {
        Red => 1,
        other => use_it(other),
    };
    match n {
        0 => {}
        1 | 2 => {}
        rest if rest > 5 => {}
        x @ 3..=4 => {}
        _ if cond() => {}
    }
    match &s {
        &Shape::Empty => {}
        ref all => {}
    }
    match t {
        (0, _) => {}
        (a, b) => {}
    }
    match name {
        "a" | "b" => {}
        _ => {}
    }
}

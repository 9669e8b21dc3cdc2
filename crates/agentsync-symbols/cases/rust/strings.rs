fn f() {
    let a = "user.name";
    let b = r#"raw-key"#;
    let c = b"bytes_name";
    let d = "some long prose";
    let e = "with\nescape";
    let f = 'c';
}

function before() {
  call(1);
}

function broken(a {
  const x = ;
}

function after(a) {
  other(a, 2);
}

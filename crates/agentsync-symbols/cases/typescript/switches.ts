function f(c: Color, s: string) {
  switch (c) {
    case Color.Red:
      return 1;
    case Color.Green:
    case Color.Blue:
      return 2;
  }
  switch (s) {
    case "a":
    case "b":
      return 1;
    case "a":
      return 2;
    default:
      return 3;
  }
}

switch (kind) {
  case Kind.A:
  case OTHER:
    run();
    break;
  case "text":
  case 1:
  case Kind.A:
  default:
}
switch (true) {
  case a < b:
}

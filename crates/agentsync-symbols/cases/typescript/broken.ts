export function before(): void {
  call(1);
}

function broken(a: {
  const x = ;
}

export function after(a: number): void {
  other(a, 2);
}

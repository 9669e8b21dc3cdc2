/** Mentions Nobody. */
export function charge(to: User, amount: number, note?: string, retry = 3, ...tags: string[]): Promise<Receipt> {
  return to.pay(amount);
}

export default async function main() {}

function hidden(this: Window, { a, b: { c } }: Options, [d, ...e]: number[]): void {}

const add = (m: number, n: number): number => m + n;
export const load = async (path: string) => {
  const inner = (q) => q;
  return inner(path);
};
const single = x => x;
function* ids(): Generator<number> {}

function get(key: string): string;
function get(key: number): number;
function get(key: any): any {
  return key;
}

function late(a = 1, b: number) {}

declare function external(a: string): void;
export { add as sum };

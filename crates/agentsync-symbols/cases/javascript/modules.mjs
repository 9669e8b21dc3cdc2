import def, { a as b } from "./x.mjs";
import data from "./data.json" with { type: "json" };
export const one = 1;
const two = 2;
const three = 3;
export { two };
export default class extends Base {
  run() {}
}
export function four() {}

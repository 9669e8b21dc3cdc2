// Mentions Nobody.
function charge(to, amount = 1, { note, tags: [first] }, ...rest) {
  return to.pay(amount);
}

const add = (m, n = 2) => m + n;
const fn = async function named(a) {};
var legacy = function (a, b) {};
let count = 0,
  other;

async function* stream() {}

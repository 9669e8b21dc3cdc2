const fs = require("fs");
const { User, Group: G } = require("./models");
require("./side-effect");

function load(path) {}

exports.load = load;
exports.save = function (item, force) {};
module.exports.limit = 10;
module.exports = { load, store: G, start() {} };

Queue.prototype.push = function (item) {
  this.items.push(item);
};

import fs from "node:fs";
import * as path from "path";
import { User, type Role, Group as G } from "./models/user.js";
import type { Shape } from "../shape";
import def, { named } from "pkg";
import "./side-effect";
import legacy = require("legacy");
import Alias = Some.Deep.Name;

export { User, G as Team };
export { a, b as c } from "./other";
export * from "./all";
export * as everything from "./ns";
export type { T } from "./types";
export default User;

const lazy = await import("./lazy");

export interface User extends Named, Aged<number> {
  id: string;
  readonly email?: string;
  rename(to: string): void;
  greet?(): string;
  nested: { deep: number };
  (call: string): void;
}

export type Shape = Circle | Square;
type Point = {
  x: number;
  move(by: number): Point;
};

export enum Color {
  Red,
  Green = "green",
  "dark-blue" = 3,
}

namespace Geo {
  export const origin: Point = { x: 0, move: (by) => origin };
  function hidden() {}
}

declare module "express" {
  interface Request {
    user: User;
  }
}

function f(arg: { inline: number }) {}

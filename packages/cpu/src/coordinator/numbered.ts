import { invariant } from "@steelyard/core";

/** Things that the other side knows by number; a thing that could not be made is its error, thrown where it is used. */
export interface Numbered<Thing> {
  make(number: number, thing: () => Thing): void;
  /** @throws what making it threw */
  at(number: number): Thing;
  delete(number: number): void;
}

/** @see Numbered */
export function numbered<Thing>(what: string): Numbered<Thing> {
  const things = new Map<number, { readonly thing: Thing } | { readonly error: unknown }>();
  return {
    make(number, thing) {
      try {
        things.set(number, { thing: thing() });
      } catch (error) {
        things.set(number, { error });
      }
    },
    at(number) {
      const found = things.get(number);
      invariant(found !== undefined, `${what} ${number} is known to the device's thread`);
      if ("error" in found) throw found.error;
      return found.thing;
    },
    delete: (number) => void things.delete(number),
  };
}

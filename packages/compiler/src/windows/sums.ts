import { sizeOf } from "@steelyard/core";
import type { Expr } from "../ir.ts";
import { input, out, type Lowered, type Step } from "../lowered.ts";
import { guarded, holdersOf, loaded, stepOf, tapsOf, working, type Seen, type Stored, type Window } from "./window.ts";

/** y[i] = Σ x[p] over the positions p of window i. */
export function windowSum(window: Window, x: Stored, y: Stored): Lowered {
  return { steps: [summed(window.name, tapsOf(window, y.view.shape), x, y)], scratch: [] };
}

/** x[p] = Σ y[i] over the windows i that hold p. */
export function windowSpread(window: Window, y: Stored, x: Stored): Lowered {
  return { steps: holdersOf(window, x.view.shape).map((seen) => summed(window.name, seen, y, x)), scratch: [] };
}

function summed(name: string, seen: Seen, from: Stored, to: Stored): Step {
  const dtype = working(to.dtype);
  if (sizeOf(seen.reduced) === 0) return stepOf(name, seen, [], { kind: "constant", dtype, value: 0 }, [], [out, to]);
  const expr = guarded(seen.guards, loaded(0, from, seen.there), 0);
  const sum: Expr = { kind: "accumulator", dtype, position: 0 };
  return stepOf(name, seen, [{ op: "sum", dtype, expr }], sum, [[input(0), from]], [out, to]);
}

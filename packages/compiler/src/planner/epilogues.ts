import { elementsOf, type Value } from "./graph.ts";
import { stepsBetween } from "./reshape-indices.ts";
import { readsOf, type Storing } from "./storage.ts";

/**
 * The reductions and contractions whose only use is a map of the same elements, and that map: it is computed on the result
 * while this is still in registers. One reduction or contraction for each map, and no more reads in all than allowed.
 */
export function fuseEpilogues(
  values: readonly Value[],
  { stored }: Storing,
  outputs: ReadonlySet<Value>,
  mostReads: number = Infinity,
): Map<Value, Value> {
  const fused = new Map<Value, Value>();
  const taken = new Set<Value>();
  for (const value of values) {
    if ((value.kind !== "reduce" && value.kind !== "contraction") || outputs.has(value)) continue;
    if (value.instruction.dtype !== "f32") continue;
    const map = onlyMap(value, stored);
    if (map === null || taken.has(map) || map.instruction.dtype !== "f32") continue;
    if (mostReads < Infinity && readsTogether(value, map, stored) > mostReads) continue;
    fused.set(value, map);
    taken.add(map);
  }
  return fused;
}

/** How many stored values one kernel reads that makes a value and the map of it. */
function readsTogether(value: Value, map: Value, stored: ReadonlySet<Value>): number {
  const reads = new Set([...readsOf(value, stored), ...readsOf(map, stored)]);
  reads.delete(value);
  return reads.size;
}

/** The one stored map that every path from the value ends in; null when there are others, or elements move. */
function onlyMap(value: Value, stored: ReadonlySet<Value>): Value | null {
  let map: Value | null = null;
  // What is computed on the way; a set gives what is added to it while it is read.
  const between = new Set([value]);
  for (const from of between) {
    if (from.users.length === 0) return null;
    for (const user of from.users) {
      if (!keepsElements(from, user)) return null;
      if (!stored.has(user)) between.add(user);
      else if (user.kind !== "map" || (map !== null && map !== user)) return null;
      else map = user;
    }
  }
  return map;
}

/** Whether element i of the user is made of element i of the value. */
function keepsElements(value: Value, { kind, instruction }: Value): boolean {
  const { primitive, shape } = instruction;
  if (kind === "map") return "row" in primitive! || primitive!.name === "where" || primitive!.name === "cast";
  if (kind !== "view" || (primitive!.name !== "reshape" && primitive!.name !== "barrier")) return false;
  const before = value.instruction.shape;
  return elementsOf(value) > 0 && stepsBetween(before, shape) !== null && stepsBetween(shape, before) !== null;
}

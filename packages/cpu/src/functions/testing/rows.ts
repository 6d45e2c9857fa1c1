import { registry, type MapPrimitive } from "@steelyard/core";

/** The maps of core by their names: their values in f64, and the rounding errors that it allows. */
export const rows: ReadonlyMap<string, MapPrimitive["row"]> = new Map(
  registry.flatMap((primitive) => ("row" in primitive ? [[primitive.name, (primitive as MapPrimitive).row]] : [])),
);

/** What proves primitives and devices, for this package's tests and for those of others: `@steelyard/core/testing`. */
export { checkPrimitive } from "./check-primitive.ts";
export { drawing, drawInput, drawLike, type Draw, type DrawOptions } from "./draw.ts";
export { randomGraph, type RandomGraph, type RandomGraphOptions } from "./random-graph.ts";

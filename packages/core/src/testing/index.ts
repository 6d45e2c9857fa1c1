/** What proves primitives and devices, for this package's tests and for those of others: `@steelyard/core/testing`. */
export { checkDevice, deviceLaws, type DeviceLawOptions, type DeviceLaws } from "./check-device.ts";
export { evaluate, requireAgreement, requireSameBits, type DeviceLaw } from "./check-device-values.ts";
export { checkPrimitive } from "./check-primitive.ts";
export { drawing, drawInput, drawLike, type Draw, type DrawOptions } from "./draw.ts";
export { mixedGraph } from "./mixed-graph.ts";
export { randomGraph, type RandomGraph, type RandomGraphOptions } from "./random-graph.ts";
export { sameChoices } from "./same-choices.ts";

/** What proves printers and emitters of kernels: `@steelyard/compiler/testing`. */
export { castValue, rounded, scalarFunction } from "./scalar.ts";
export { deviceArray, points, simulate, type Elements, type Observer } from "./simulate.ts";
export { winogradError, winogradGrowth } from "./winograd-error.ts";

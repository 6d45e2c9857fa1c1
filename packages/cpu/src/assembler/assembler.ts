/** A small WebAssembly assembler: instructions by their names, locals, loops, modules. */
export { flatten, types, type Code } from "./code.ts";
export { call, countedLoop, doWhile, Locals, select, when, whileLoop, type Local } from "./function-builder.ts";
export { f32x4, f64x2, i32, i32x4, i64x2, i8x16, v128 } from "./instructions.ts";
export { maximumPages, moduleBytes, type FunctionSpec } from "./module.ts";

import { hostArray, registry, type DType, type HostArray, type MapPrimitive } from "@steelyard/core";
import type { Shader } from "../../src/shader.ts";
import { callText, functionTexts } from "../../src/wgsl/functions/functions.ts";
import { roughened } from "./rough-adapter.ts";
import { runShader } from "../run-shader.ts";

/** The maps of core by their names. */
export const rows: ReadonlyMap<string, MapPrimitive["row"]> = new Map(
  registry.flatMap((primitive) => ("row" in primitive ? [[primitive.name, (primitive as MapPrimitive).row]] : [])),
);

const invocations = 256;

/** The values of a map at every position of its operands, which are of one length; in f16 not rounded yet. */
export async function evaluate(name: string, dtype: DType, ...operands: readonly HostArray[]): Promise<HostArray> {
  return run((text) => text, name, dtype, operands);
}

/** The same for f32 on an adapter whose quotients and roots are as far off as WGSL lets them be. */
export async function evaluateRoughly(name: string, ...operands: readonly HostArray[]): Promise<HostArray> {
  return run(roughened, name, "f32", operands);
}

async function run(
  alter: (text: string) => string,
  name: string,
  dtype: DType,
  operands: readonly HostArray[],
): Promise<HostArray> {
  const result = rows.get(name)!.result ?? dtype;
  const { length } = operands[0]!;
  const buffers = [...operands.map((operand) => wordsOf(operand, dtype)), new Uint32Array(length)];
  const shader = shaderOf(name, dtype, result, operands.length, length);
  const words = (await runShader({ ...shader, text: alter(shader.text) }, buffers)).at(-1)!;
  if (result === "bool" || result === "u32") return hostArray(result, words);
  const { buffer, byteOffset } = words;
  return result === "i32" ? new Int32Array(buffer, byteOffset, length) : new Float32Array(buffer, byteOffset, length);
}

/** Elements as they lie on the device, 4 bytes each. */
function wordsOf(values: HostArray, dtype: DType): Uint32Array {
  if (dtype === "i32" || dtype === "u32" || dtype === "bool") return Uint32Array.from(values);
  return new Uint32Array(Float32Array.from(values).buffer);
}

/** A module that applies a map to the elements of its buffers, whose words it takes as they are. */
function shaderOf(name: string, dtype: DType, result: DType, arity: number, length: number): Shader {
  const values = Array.from({ length: arity }, (_, i) => valueText(dtype, `b${i}[i]`));
  const value = callText(name, dtype, values);
  const called = [...value.matchAll(/\w+/gu)].map(([word]) => word);
  const text = [
    ...values.map((_, i) => `@group(0) @binding(${i}) var<storage, read> b${i}: array<u32>;`),
    `@group(0) @binding(${arity}) var<storage, read_write> b${arity}: array<u32>;`,
    "var<private> zero_bits: u32 = 0u;",
    functionTexts(called),
    `@compute @workgroup_size(${invocations})`,
    "fn main(@builtin(global_invocation_id) id: vec3<u32>) {",
    "  let i = id.x;",
    `  if (i >= ${length}u) { return; }`,
    `  b${arity}[i] = ${result === "bool" ? `select(0u, 1u, ${value})` : `bitcast<u32>(${value})`};`,
    "}",
  ].join("\n");
  const workgroups = [Math.ceil(length / invocations), 1, 1] as const;
  return { text, workgroups, access: [...values.map(() => "read" as const), "read_write"], words: 0 };
}

function valueText(dtype: DType, word: string): string {
  if (dtype === "bool") return `(${word} != 0u)`;
  return dtype === "u32" ? word : `bitcast<${dtype === "i32" ? "i32" : "f32"}>(${word})`;
}

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { emptyProcess, startWork } from "./start-names.ts";

/** A process that does one thing from its start to its end. */
export interface Starter {
  readonly work: string;
  readonly impl: string;
  readonly device: string;
  readonly threads: number;
  readonly command: string;
  readonly args: readonly string[];
  /** Where names of packages are looked up. */
  readonly cwd: string;
  /** What it prints; null for nothing. */
  readonly prints: string | null;
}

const benchmarks = join(import.meta.dirname, "../..");
const side = 256;
const value = (i: number): number => (i % 7) - 3;
const values = `new Float32Array(${side * side}).map((_, i) => (i % 7) - 3)`;

/** The first number of the product of the matrix with itself. */
function firstNumber(): number {
  return Array.from({ length: side }, (_, k) => value(k) * value(k * side)).reduce((sum, x) => sum + x, 0);
}

const onCpu = 'import { cpu } from "@steelyard/cpu";\nconst device = cpu();';
const ours = (setUp: string, close: string): string => `
import { matmul, setDefaultDevice, tensor, interpreter } from "@steelyard/core";
${setUp}
setDefaultDevice(device);
const a = tensor(${values}, { shape: [${side}, ${side}] });
const [first] = await matmul(a, a).data();
console.log(first);
${close}`;

const tfjs = (backend: string): string => `
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-${backend}";
tf.enableProdMode();
await tf.setBackend("${backend}");
const a = tf.tensor2d(${values}, [${side}, ${side}]);
const [first] = await tf.matMul(a, a).data();
console.log(first);`;

const jax = `
import { defaultDevice, init, numpy as np } from "@jax-js/jax";
await init("wasm");
defaultDevice("wasm");
const a = np.array(${values}, { shape: [${side}, ${side}] });
const [first] = await np.matmul(a.ref, a).data();
console.log(first);`;

const pytorch = `
import torch
i = torch.arange(${side * side})
a = ((i % 7) - 3).to(torch.float32).reshape(${side}, ${side})
print(int((a @ a)[0, 0]))`;

/** Everybody's first product; ours from the packages as they are published, which lie in \`built\`. */
export function starters(built: string): Starter[] {
  const prints = String(firstNumber());
  const node = (impl: string, device: string, code: string, cwd: string): Starter => {
    const args = ["--input-type=module", "-e", code];
    return { work: startWork, impl, device, threads: 1, command: process.execPath, args, cwd, prints };
  };
  const empty = { ...node("node", "process", "", benchmarks), work: emptyProcess, prints: null };
  return [
    empty,
    // It takes all cores when nobody says how many.
    { ...node("steelyard", "cpu", ours(onCpu, "await device.close();"), built), threads: availableParallelism() },
    node("steelyard", "interpreter", ours("const device = interpreter();", ""), built),
    node("tfjs", "cpu", tfjs("cpu"), benchmarks),
    node("tfjs", "wasm", tfjs("wasm"), benchmarks),
    node("jax-js", "wasm", jax, benchmarks),
    { ...empty, work: startWork, impl: "pytorch", device: "cpu", command: "python3", args: ["-c", pytorch], prints },
  ];
}

import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { interpreter } from "@steelyard/core";
import { afterEach, describe, expect, test } from "vitest";
import type { Work } from "../works/work.ts";
import { pytorch } from "./pytorch.ts";
import { steelyard } from "./steelyard.ts";

// Stands in for `python3`: what the script of pytorch.py speaks, by a program that knows matrix products alone.
const fake = String.raw`
import { Buffer } from "node:buffer";
if (process.argv[2] === "-c") process.exit(process.argv[3] === "import torch" ? 0 : 1);
let rest = Buffer.alloc(0);
let waiting = null;
let product = null;
process.stdin.on("data", (chunk) => {
  rest = Buffer.concat([rest, chunk]);
  while (step());
});
function step() {
  if (waiting !== null) {
    const size = waiting.flat.reduce((sum, length) => sum + length, 0) * 4;
    if (rest.length < size) return false;
    const all = new Float32Array(new Uint8Array(rest.subarray(0, size)).buffer);
    rest = rest.subarray(size);
    const [[m, k], [, n]] = waiting.shapes;
    const b = all.subarray(m * k);
    product = Float32Array.from({ length: m * n }, (_, at) => {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += all[Math.floor(at / n) * k + i] * b[i * n + (at % n)];
      return sum;
    });
    waiting = null;
    say({ ok: true });
    return true;
  }
  const end = rest.indexOf(10);
  if (end < 0) return false;
  const request = JSON.parse(rest.subarray(0, end).toString());
  rest = rest.subarray(end + 1);
  if (request.do === "prepare") waiting = { ...request, flat: request.shapes.map((s) => s[0] * s[1]) };
  if (request.do === "run") say({ ms: 12.5 });
  if (request.do === "memory") say({ kib: 2048 });
  if (request.do === "result") {
    say({ length: product.length });
    process.stdout.write(Buffer.from(product.buffer));
  }
  return true;
}
function say(answer) {
  process.stdout.write(JSON.stringify(answer) + "\n");
}
`;

const product: Work = { kind: "matmul", name: "matmul 2×3×4", pass: "forward", m: 2, k: 3, n: 4 };
const path = process.env["PATH"];
afterEach(() => {
  process.env["PATH"] = path;
});

/** Puts a program called python3 first, or leaves none. */
function withPython(program: string | null): void {
  const folder = mkdtempSync(join(tmpdir(), "python-"));
  if (program !== null) {
    writeFileSync(join(folder, "program.mjs"), program);
    const file = join(folder, "python3");
    writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${join(folder, "program.mjs")}" "$@"\n`);
    chmodSync(file, 0o755);
  }
  process.env["PATH"] = program === null ? folder : folder + delimiter + path;
}

describe("PyTorch in a process of its own", () => {
  test("says why it is missing", async () => {
    withPython(null);
    expect(await pytorch(1).available()).toBe("no python3 here");
    withPython("process.exit(1);");
    expect(await pytorch(1).available()).toBe("python3 here has no torch");
  });

  test("is sent the operands, and times itself", async () => {
    withPython(fake);
    expect(await pytorch(2).available()).toBeNull();
    const prepared = await pytorch(2).prepare(product);
    const ours = await steelyard("interpreter", 1, () => interpreter()).prepare(product);
    expect(await prepared.result()).toEqual(await ours.result());
    expect(await prepared.run()).toBe(12.5);
    expect(await prepared.memory!()).toBe(2);
    await prepared.close();
  });

  test("ends in an error, not in silence, when its process ends", async () => {
    withPython(`if (process.argv[2] !== "-c") process.exit(3);`);
    await expect(pytorch(1).prepare(product)).rejects.toThrow("ended before it had answered");
  });
});

import { describe, expect, test } from "vitest";
import { interpreter, type Device, type Forward, type HostArray, type Instruction } from "../index.ts";
import type { Program } from "../program.ts";
import { checkDevice, deviceLaws, type DeviceLawOptions, type DeviceLaws } from "./index.ts";

describe.each(Object.entries(deviceLaws()))("the interpreter keeps the laws of %s", (_, laws) => {
  const device = interpreter();
  for (const { title, check } of laws) test(title, () => check(device));
});

/** The interpreter, with some of its own replaced. */
function altered(change: (right: Device) => Partial<Device>): Device {
  const right = interpreter();
  // The storage it makes says whose it is: the right one, so frees of the framework arrive there.
  return Object.assign(right, change({ ...right }));
}

/** An interpreter of other programs. */
const rewriting = (rewrite: (program: Program) => Program): Device =>
  altered((right) => ({ compile: (program) => right.compile(rewrite(program)) }));

/** An interpreter that does one thing more after the forward of these primitives. */
function spoiling(names: readonly string[], spoil: (out: HostArray, args: Forward) => void): Device {
  return rewriting((program) => ({
    ...program,
    instructions: program.instructions.map((instruction): Instruction => {
      const { primitive } = instruction;
      if (primitive === null || !names.includes(primitive.name)) return instruction;
      const forward = (args: Forward): void => {
        primitive.forward(args);
        if (args.algebra.name === "f32") spoil(args.out.planes[0]!, args);
      };
      return { ...instruction, primitive: { ...primitive, forward } };
    }),
  }));
}

/** Pads the operand of a function instead of its result, as a published framework does. */
function padInside(program: Program): Program {
  const instructions = [...program.instructions];
  instructions.forEach(({ primitive, inputs, attrs, shape }, i) => {
    const at = inputs[0] ?? -1;
    const inner = instructions[at];
    const uses = instructions.filter((other) => other.inputs.includes(at)).length;
    const isUnary = inner?.primitive != null && "row" in inner.primitive && inner.inputs.length === 1;
    if (primitive?.name !== "pad" || !isUnary || uses > 1 || program.outputs.includes(at)) return;
    instructions[at] = { ...inner, primitive, attrs, shape };
    instructions[i] = { ...instructions[i]!, primitive: inner.primitive, attrs: {} };
  });
  return { ...program, instructions };
}

const map = (change: (value: number) => number) => (out: HostArray) =>
  out.forEach((value, i) => (out[i] = change(value)));

const flushed = (x: number): number => (Math.abs(x) < 2 ** -126 ? x / Infinity : x);

/** An interpreter whose operands of one function lose what is below the normal numbers. */
function flushing(name: string): Device {
  return spoiling([name], (out, { ins, outSpec }) => {
    if (outSpec.dtype !== "f32") return;
    const [a, b] = ins.map(({ planes: [values] }) => [...values!].map(flushed));
    out.forEach((_, i) => (out[i] = name === "neg" ? -a![i]! : a![i]! * b![i]!));
  });
}

/** What the laws of special numbers say. */
async function brokenBy(device: Device, options: DeviceLawOptions): Promise<string> {
  const broken: string[] = [];
  for (const { check } of deviceLaws(options).specials) {
    await check(device).catch((error: unknown) => void broken.push((error as Error).message));
  }
  return broken.join("\n");
}

// Each wrong device, the laws that must notice, and what they say.
const wrong: Readonly<Record<string, readonly [() => Device, keyof DeviceLaws, RegExp]>> = {
  "pads inside functions": [() => rewriting(padInside), "graphs", /padding wraps|randomGraph/],
  "computes the exponential to four digits": [
    () =>
      spoiling(
        ["exp"],
        map((y) => y * 1.0001),
      ),
    "samples",
    /exp.* is .* instead of .* ±/,
  ],
  "loses the sign of zero": [
    () =>
      spoiling(
        ["neg", "transpose", "slice"],
        map((y) => y + 0),
      ),
    "specials",
    /neg.*-0/,
  ],
  "has no NaN in maxima": [
    () =>
      spoiling(
        ["max"],
        map((y) => (Number.isNaN(y) ? 0 : y)),
      ),
    "specials",
    /reductions of NaN/,
  ],
  "rounds halves away from zero": [
    () => spoiling(["round"], (out, { ins }) => out.forEach((_, i) => (out[i] = Math.round(ins[0]!.planes[0]![i]!)))),
    "specials",
    /round\(0\.5\) in f32 is 1/,
  ],
  "divides integers as floats do": [
    () =>
      spoiling(["div"], (out, { ins, outSpec }) => {
        if (outSpec.dtype === "i32")
          out.forEach((_, i) => (out[i] = Math.round(ins[0]!.planes[0]![i]! / ins[1]!.planes[0]![i]!)));
      }),
    "specials",
    /div\(.*in i32/,
  ],
  "clamps indices": [
    () =>
      spoiling(["gather"], (out, { ins }) => {
        if (ins[1]!.planes[0]!.includes(-1)) out[0] = 1e-3;
      }),
    "adjoints",
    /gather and scatterAdd/,
  ],
  "forgets a tap": [
    () => spoiling(["convGradFilter"], (out) => out.length > 20 && (out[7] = 0)),
    "adjoints",
    /convGradFilter/,
  ],
  "drops the last row of a batch": [
    () => spoiling(["dot"], (out) => out.length > 9 && out.fill(0, out.length - 1)),
    "adjoints",
    /A·B/,
  ],
  "gives one storage for a root asked for twice": [
    () =>
      altered((right) => ({
        compile(program) {
          const executable = right.compile(program);
          return {
            async run(bindings, donated) {
              const results = await executable.run(bindings, donated);
              return results.map((each, i) => results[program.outputs.indexOf(program.outputs[i]!)] ?? each);
            },
          };
        },
      })),
    "graphs",
    /one storage/,
  ],
  "gives an input back as a result": [
    () =>
      altered((right) => ({
        compile(program) {
          const executable = right.compile(program);
          return {
            async run(bindings, donated) {
              const results = await executable.run(bindings, donated);
              const first = bindings.find((binding) => typeof binding === "object");
              const isInput = program.instructions[program.outputs[0]!]!.primitive === null;
              return isInput && first !== undefined && typeof first === "object"
                ? [first, ...results.slice(1)]
                : results;
            },
          };
        },
      })),
    "graphs",
    /one storage/,
  ],
  leaks: [
    () =>
      altered((right) => ({
        compile: (program) => {
          right.upload(new Float32Array(1), [1], "f32", "scratch");
          return right.compile(program);
        },
      })),
    "memory",
    /left/,
  ],
  "frees what is donated although the run fails": [
    () => {
      const gone = new Set<object>();
      return altered((right) => ({
        free: (storage) => {
          if (!gone.has(storage)) right.free(storage);
        },
        compile(program) {
          const executable = right.compile(program);
          return {
            run: (bindings, donated) =>
              executable.run(bindings, donated).catch((error: unknown) => {
                donated.forEach((storage) => (gone.add(storage), right.free(storage)));
                throw error;
              }),
          };
        },
      }));
    },
    "semantics",
    /failing host solve/,
  ],
  "keeps the caller's array": [
    () => {
      const arrays = new Map<object, HostArray>();
      return altered((right) => ({
        upload(data, shape, dtype, owner) {
          const storage = right.upload(data, shape, dtype, owner);
          arrays.set(storage, data);
          return storage;
        },
        read: async (storage) => arrays.get(storage) ?? right.read(storage),
      }));
    },
    "semantics",
    /upload and read copy/,
  ],
  "gives freed memory to one that is still live": [
    () => {
      const spoilt = new Set<object>();
      return altered((right) => ({
        free(storage) {
          right.free(storage);
          const victim = [...right.storages()].find(({ bytes }) => bytes === storage.bytes);
          if (victim !== undefined) spoilt.add(victim);
        },
        read: async (storage) => (await right.read(storage)).map((value) => (spoilt.has(storage) ? 0.5 : value)),
      }));
    },
    "memory",
    /live value is 0/,
  ],
};

describe("the checker is fed wrong devices, and finds one that", () => {
  test.each(Object.entries(wrong))("%s", async (_, [make, group, message]) => {
    const device = make();
    const broken: string[] = [];
    for (const { title, check } of deviceLaws()[group]) {
      await check(device).catch((error: unknown) => void broken.push(`${title}: ${(error as Error).message}`));
    }
    expect(broken.join("\n")).toMatch(message);
  });

  test("takes subnormal factors for zeros, unless the device says that it does", async () => {
    expect(await brokenBy(flushing("mul"), {})).toMatch(/mul\(.* in f32 is .* instead of/);
    expect(await brokenBy(flushing("mul"), { flushesSubnormals: true })).toBe("");
  });

  test("takes subnormal numbers for zeros where nothing rounds, whatever the device says", async () => {
    expect(await brokenBy(flushing("neg"), { flushesSubnormals: true })).toMatch(/neg\(.* in f32 is .* instead of/);
  });

  test("names the device, the law, the case and the number that is wrong", async () => {
    const device = spoiling(
      ["log1p"],
      map((y) => y + 1),
    );
    await expect(checkDevice(device)).rejects.toThrow(
      /^interpreter: log1p and its derivative .*: f32\[7\] with \{\}, real numbers of seed 0: element 0 of root 0 \(log1p f32\[7\]\) is .* instead of .* ± /,
    );
  });
});

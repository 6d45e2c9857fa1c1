import type { DType } from "@steelyard/core";
import type { Shader } from "../shader.ts";
import { functionTexts } from "./functions/functions.ts";
import { scalarHelpers, storageType } from "./scalars.ts";

/** What a module is made of, besides the functions that its text calls. */
export interface ModuleParts {
  /** The kernel for people, as `showKernel` writes it. */
  readonly title: string;
  readonly buffers: readonly DType[];
  /** The types in which elements are read and written, where it is not one by one. */
  readonly elements?: readonly (string | undefined)[];
  /** The buffers that are stored into. */
  readonly stored: ReadonlySet<number>;
  /** How many words of 32 bits the uniform has. */
  readonly words: number;
  /** Directives, before everything else. */
  readonly enables?: readonly string[];
  /** Workgroup variables and functions of this kernel alone. */
  readonly declarations: readonly string[];
  /** Invocations of a workgroup along x, y and z. */
  readonly size: readonly [x: number, y: number, z: number];
  /** The parameters of `main`, without their attributes: "workgroup_id" and others. */
  readonly builtins: readonly Builtin[];
  readonly body: readonly string[];
  readonly workgroups: readonly [x: number, y: number, z: number];
}

type Builtin = "workgroup_id" | "local_invocation_id" | "local_invocation_index" | "subgroup_invocation_id";

/** The module: what it does, its bindings, its functions, and `main`. */
export function shaderOf(parts: ModuleParts): Shader {
  const { title, buffers, stored, words, declarations, size, builtins, body, workgroups } = parts;
  const { elements = [], enables = [] } = parts;
  const access = buffers.map((_, i) => (stored.has(i) ? "read_write" : "read"));
  const bindings = buffers.map(
    (dtype, i) =>
      `@group(0) @binding(${i}) var<storage, ${access[i]}> b${i}: array<${elements[i] ?? storageType(dtype)}>;`,
  );
  if (words > 0) {
    const rows = Math.ceil(words / 4);
    bindings.push(`@group(0) @binding(${buffers.length}) var<uniform> words: array<vec4<u32>, ${rows}>;`);
  }
  const parameters = builtins.map(
    (name) => `@builtin(${name}) ${name}: ${/index|subgroup/u.test(name) ? "u32" : "vec3<u32>"}`,
  );
  const attributes = `@compute @workgroup_size(${size.join(", ")})`;
  const main = (lines: readonly string[]): string =>
    [...declarations, [attributes, `fn main(${parameters.join(", ")}) {`, ...indented(lines), "}"].join("\n")].join(
      "\n\n",
    );
  const helpers = helpersOf(main(body));
  const hasZero = [...helpers, ...declarations, ...body].some((part) => part.includes("zero_bits"));
  const zero = hasZero ? ["var<private> zero_bits: u32;"] : [];
  const own = main(hasZero ? [zeroLine, ...body] : body);
  const head = enables.length > 0 ? [enables.join("\n")] : [];
  const sections = [commented(title), ...head, bindings.join("\n"), ...zero, ...helpers, own];
  return { text: `${sections.join("\n\n")}\n`, workgroups, access, words };
}

// A constant that must not be one for compilers: they reject NaN and infinity, and take 0 · x to be 0. No buffer is so
// long that this is not 0, but they cannot know.
const zeroLine = "zero_bits = arrayLength(&b0) >> 31u;";

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? line : `  ${line}`));
}

function commented(text: string): string {
  return text.replaceAll(/^/gmu, "// ");
}

/** The declarations of all functions that a text calls and does not declare, and of what these need. */
function helpersOf(text: string): string[] {
  const found = new Map<string, string>();
  const search = (code: string): void => {
    for (const name of calledIn(code)) {
      const helper = scalarHelpers[name];
      if (helper === undefined || found.has(name)) continue;
      found.set(name, helper);
      search(helper);
    }
  };
  search(text);
  const own = [...found.values()].join("\n\n");
  const functions = functionTexts(calledIn(`${text}\n${own}`));
  const all = [own, functions].filter((part) => part !== "").join("\n\n");
  return all === "" ? [] : [all];
}

/** The names that are called in a text. */
function calledIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\b([a-z]\w*)\(/gu)].map(([, name]) => name!));
}

import { flatten, name, unsigned, vector, type Code, type ValueType } from "./code.ts";
import type { Locals } from "./function-builder.ts";

/** A function of a module; `body` computes its results and ends by falling off the end. */
export interface FunctionSpec {
  /** Exported under this name; null for a function of the module alone. */
  readonly name: string | null;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly locals: Locals;
  readonly body: Code;
}

/** A function from outside, imported from "env". */
export interface ImportSpec {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** The largest memory WebAssembly addresses with 32 bits, in pages of 64 KiB. */
export const maximumPages = 65536;

/**
 * The bytes of a module that imports one shared memory, "env" "memory", and the functions given. Imported functions have
 * the first indices, then come the module's own in order. The same specs give the same bytes.
 */
export function moduleBytes(
  functions: readonly FunctionSpec[],
  imports: readonly ImportSpec[] = [],
): Uint8Array<ArrayBuffer> {
  const signatures = [...imports, ...functions].map(({ parameters, results }): Code => {
    return [0x60, vector(parameters.map((type) => [type])), vector(results.map((type) => [type]))];
  });
  const importFunctions = imports.map((each, i): Code => [name("env"), name(each.name), 0x00, unsigned(i)]);
  const importMemory: Code = [name("env"), name("memory"), 0x02, 0x03, unsigned(1), unsigned(maximumPages)];
  const exported = functions.flatMap((each, i): Code[] => {
    return each.name === null ? [] : [[name(each.name), 0x00, unsigned(imports.length + i)]];
  });
  const bodies = functions.map(({ locals, body }): Code => {
    const bytes = flatten([locals.declarations(), locals.prologue(), body, 0x0b]);
    return [unsigned(bytes.length), bytes];
  });
  return new Uint8Array(
    flatten([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, vector(signatures)),
      section(2, vector([importMemory, ...importFunctions])),
      section(3, vector(functions.map((_, i) => unsigned(imports.length + i)))),
      section(7, vector(exported)),
      section(10, vector(bodies)),
    ]),
  );
}

function section(id: number, content: Code): Code {
  const bytes = flatten(content);
  return [id, unsigned(bytes.length), bytes];
}

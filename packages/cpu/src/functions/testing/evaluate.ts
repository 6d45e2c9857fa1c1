import { countedLoop, Locals, moduleBytes, types, v128, type Code } from "../../assembler/assembler.ts";

const pageBytes = 65536;

/**
 * The values of a function of vectors at every position of the arrays, which are of one length: four positions at once, as
 * in a kernel. The last vector is filled up with zeros.
 */
export function evaluate(
  of: (locals: Locals, ...operands: Code[]) => Code,
  ...operands: readonly Float32Array[]
): Float32Array {
  const length = operands[0]?.length ?? 0;
  const arrayBytes = Math.ceil(length / 4) * 16;
  const pages = 1 + Math.ceil((arrayBytes * (operands.length + 1)) / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  operands.forEach((operand, i) => new Float32Array(memory.buffer, pageBytes + i * arrayBytes).set(operand));
  const locals = new Locals();
  const at = locals.add(types.i32);
  const values = operands.map((_, i) => v128.load(at.get, pageBytes + i * arrayBytes));
  const store = v128.store(at.get, of(locals, ...values), pageBytes + operands.length * arrayBytes);
  const body = countedLoop(at, 0, arrayBytes, 16, store);
  const bytes = moduleBytes([{ name: "run", parameters: [], results: [], locals, body }]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  (exports.run as () => void)();
  return new Float32Array(memory.buffer, pageBytes + operands.length * arrayBytes, length).slice();
}

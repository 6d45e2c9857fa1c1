import { interpreter, type Program, type Tensor } from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";

/** The program behind the roots, as a device is given it. */
export async function programOf(roots: readonly Tensor[]): Promise<Program> {
  const seen: Program[] = [];
  const device = interpreter();
  await evaluate(
    {
      ...device,
      compile(program) {
        seen.push(program);
        return device.compile(program);
      },
    },
    roots,
  );
  return seen[0]!;
}

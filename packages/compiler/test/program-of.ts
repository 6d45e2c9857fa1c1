import { interpreter, type Program, type Tensor } from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";

/** The program behind the roots, as a device is given it. */
export async function programOf(roots: readonly Tensor[]): Promise<Program> {
  const seen: Program[] = [];
  const device = interpreter();
  const watched = Object.assign(device, { compile: watching(device.compile, seen) });
  await evaluate(watched, roots);
  return seen[0]!;
}

function watching(
  compile: (program: Program) => ReturnType<ReturnType<typeof interpreter>["compile"]>,
  seen: Program[],
): typeof compile {
  return (program) => {
    seen.push(program);
    return compile(program);
  };
}

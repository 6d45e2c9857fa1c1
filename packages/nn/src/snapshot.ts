import { dtypeOf, showShape, SteelyardError, step, tensor, type HostArray, type Variable } from "@steelyard/core";
import { variables, type Tree } from "./tree.ts";

/** The numbers of a tree, by path, in row-major order. */
export type Snapshot = Readonly<Record<string, HostArray>>;

/**
 * The committed values of all Variables of a tree, copied to the host in one plan: parameters, running statistics and
 * optimiser slots alike.
 *
 * @example
 * const tree = { model, slots: optimiser.slots };
 * const start = await snapshot(tree); // … train …
 * await restore(tree, start);
 */
export async function snapshot(tree: Tree): Promise<Snapshot> {
  const entries = [...variables(tree)].map(async ([path, variable]) => [path, await variable.value.data()] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Puts a snapshot back: one commit, which also takes along whatever else is pending. Everything is checked first, so
 * that nothing is restored by half.
 *
 * @throws UsageError when a path is missing on either side
 * @throws ShapeError when an entry has another number of elements than its Variable, DTypeError for another type
 */
export async function restore(tree: Tree, saved: Snapshot): Promise<void> {
  const found = variables(tree);
  const missing = [...found.keys()].filter((path) => saved[path] === undefined);
  if (missing.length > 0) throw pathError("an entry for every Variable", `none for ${missing.join(", ")}`);
  const unknown = Object.keys(saved).filter((path) => !found.has(path));
  if (unknown.length > 0) throw pathError("a Variable for every entry", `none for ${unknown.join(", ")}`);
  for (const [path, variable] of found) checkEntry(path, variable, saved[path]!);
  for (const [path, variable] of found) {
    variable.assign(tensor(saved[path]!, { shape: variable.shape, dtype: variable.dtype }));
  }
  await step();
}

function checkEntry(path: string, variable: Variable, data: HostArray): void {
  const size = variable.value.size;
  const dtype = dtypeOf(data);
  if (data.length === size && dtype === variable.dtype) return;
  throw new SteelyardError({
    code: data.length === size ? "DTypeError" : "ShapeError",
    who: `restore ${path}`,
    needs: `${size} numbers of ${variable.dtype} for shape ${showShape(variable.shape)}`,
    got: `${data.length} of ${dtype}`,
  });
}

function pathError(needs: string, got: string): SteelyardError {
  const hint = "a snapshot fits the tree it was taken of; pick the entries you want for another one";
  return new SteelyardError({ code: "UsageError", who: "restore", needs, got, hint });
}

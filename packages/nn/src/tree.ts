import { sizeOf, SteelyardError, Variable } from "@steelyard/core";

/**
 * Any object that holds Variables: in its fields, or in objects, arrays and records below them. Modules, optimisers and
 * lists of modules are trees; nothing is registered anywhere.
 */
export type Tree = object;

/**
 * All Variables of a tree by their dotted path, in the order of the fields: `trunk.conv1.weight`.
 *
 * A field named `children` adds nothing to the path, so that containers stay invisible. A Variable reached twice (tied
 * weights) is listed once, at the first path. Private `#fields` are not seen; functions and tensors hold no Variables.
 *
 * @throws UsageError when two Variables have the same path, as a record with a dotted key can bring about
 * @example
 * const layer = new Linear(2, 1, { key: random.key(0) });
 * variables({ layer }).keys() // ["layer.weight", "layer.bias"]
 */
export function variables(tree: Tree): Map<string, Variable> {
  const found = new Map<string, Variable>();
  const seen = new Set<object>();
  const visit = (value: unknown, path: string): void => {
    if (!mayHoldVariables(value) || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Variable) {
      if (found.has(path)) throw samePath(path);
      found.set(path, value);
      return;
    }
    for (const [name, field] of Object.entries(value)) visit(field, name === "children" ? path : join(path, name));
  };
  visit(tree, "");
  return found;
}

/** The trainable Variables, in the order of `variables`. @example sgd(parameters(model), { learningRate: 0.1 }) */
export function parameters(tree: Tree): Variable[] {
  return [...variables(tree).values()].filter(({ trainable }) => trainable);
}

/** Names every Variable by its path in the tree, for messages, optimiser slots and memory reports; returns the tree. */
export function nameVariables<T extends Tree>(tree: T, prefix = ""): T {
  for (const [path, variable] of variables(tree)) variable.name = join(prefix, path);
  return tree;
}

/** How many numbers the tree trains. */
export function countParameters(tree: Tree): number {
  return parameters(tree).reduce((count, { shape }) => count + sizeOf(shape), 0);
}

function join(prefix: string, name: string): string {
  return prefix === "" || name === "" ? prefix + name : `${prefix}.${name}`;
}

// Typed arrays are objects with one field for each number: millions of them, and never a Variable.
function mayHoldVariables(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}

function samePath(path: string): SteelyardError {
  return new SteelyardError({
    code: "UsageError",
    who: "variables",
    needs: "one path for each Variable",
    got: `two Variables at ${path}`,
    hint: "keep dots out of field names and record keys",
  });
}

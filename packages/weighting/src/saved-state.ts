import { Variable } from "@steelyard/core";
import { restore, snapshot, variables, type Snapshot } from "@steelyard/nn";

// A strategy's state mixes plain data with Variables. Saved, the two lie apart: the data, with a mark where a Variable
// stood, and the numbers of the Variables by their paths. The first survives JSON, the second any checkpoint file.

/** A tree in its two halves. */
export interface SavedTree {
  readonly data: unknown;
  readonly variables: Snapshot;
}

const mark = "$variable";

/**
 * @param data what is to be saved: plain data and Variables
 * @param holder a tree with all Variables, by whose paths they are saved: those in `data`, and others
 */
export async function saveTree(data: unknown, holder: object): Promise<SavedTree> {
  const paths = new Map([...variables(holder)].map(([path, variable]) => [variable, path]));
  // The data is copied before the first await, so that both halves belong to one moment.
  const copied = mapTree(data, (value) => (value instanceof Variable ? { [mark]: paths.get(value) } : null));
  return { data: copied, variables: await snapshot(holder) };
}

/** Puts the numbers back into the Variables of the holder, and returns the saved data around those Variables. */
export async function loadTree<T>(holder: object, saved: SavedTree): Promise<T> {
  const found = variables(holder);
  await restore(holder, saved.variables);
  return mapTree(saved.data, (value) => (mark in value ? found.get(String(value[mark])) : null)) as T;
}

/** A copy of a tree of plain data, with what `replace` gives (unless it is null) in the place of objects. */
function mapTree(value: unknown, replace: (value: Record<string, unknown>) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return structuredClone(value);
  if (Array.isArray(value)) return value.map((each) => mapTree(each, replace));
  const record = value as Record<string, unknown>;
  const copied = (): unknown =>
    Object.fromEntries(Object.entries(record).map(([name, field]) => [name, mapTree(field, replace)]));
  return replace(record) ?? copied();
}

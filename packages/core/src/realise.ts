import { defaultDevice } from "./default-device.ts";
import type { Device, Storage } from "./device.ts";
import type { HostArray } from "./dtype.ts";
import { invariant } from "./errors.ts";
import type { Node } from "./graph.ts";
import { hold, letGo, release } from "./ownership.ts";
import { isInput, linearise } from "./program.ts";
import { runPlan, storageAtHand } from "./run-plan.ts";
import { noteRealised } from "./scope.ts";
import { toTensor, type TensorLike } from "./tensor.ts";
import { takePending, type Assignment } from "./variable.ts";

// When is what computed? Reads are gathered into plans, plans run one after another, and a step is a plan that commits.

interface Request {
  readonly node: Node;
  /** Keep the value on the device, as `realise` asks, or bring it to the host, as `data` does. */
  readonly keep: boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

let requests: Request[] = [];
// Plans run one after another: a read asked for after a commit sees the state after it.
let last: Promise<void> = Promise.resolve();

/** The values of a node on the host. All reads of one microtask are computed in one plan. */
export async function readData(node: Node): Promise<HostArray> {
  if (node.host === null) await request(node, false);
  invariant(node.host !== null, "a read left no value");
  return node.host;
}

/**
 * Computes the tensors in one plan and keeps their values on the device, until they are disposed or collected.
 * The idiom for several results: `await realise(a, b)`; then `a.data()` costs a copy only.
 *
 * @throws as `Tensor.data`
 */
export async function realise(...tensors: TensorLike[]): Promise<void> {
  const nodes = tensors.map((x) => toTensor(x).node);
  nodes.forEach(noteRealised);
  await Promise.all(nodes.map((node) => request(node, true)));
}

/**
 * Commits: computes every pending assignment and the tensors given, in one plan, then swaps all assigned Variables to
 * their new values together. The tensors given keep their numbers and lose their graph, so a history of losses holds
 * numbers. When anything fails, no Variable has changed and the pending assignments are dropped.
 *
 * @throws StaleVariable when an assigned value was built before the last commit of a Variable that it reads
 * @throws DisposedTensor when it reads a value that was given up
 */
export async function step(...reads: TensorLike[]): Promise<void> {
  const nodes = reads.map((x) => toTensor(x).node);
  const assignments = takePending();
  // Reads asked for before the step belong to the state before it.
  flush();
  await enqueue(() => commit(nodes, assignments));
}

/** Gives up what a node holds. The value of a Variable stays readable: it is the Variable's. */
export function dispose(node: Node): void {
  if (node.owned !== null) letGo(node.owned);
  node.host = null;
  node.disposed = node.slot?.kind !== "variable";
}

function request(node: Node, keep: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    if (requests.length === 0) queueMicrotask(flush);
    requests.push({ node, keep, resolve, reject });
  });
}

function flush(): void {
  const batch = requests;
  requests = [];
  if (batch.length === 0) return;
  enqueue(() => serveSound(batch)).then(
    () => batch.forEach(({ resolve }) => resolve()),
    (reason: unknown) => batch.forEach(({ reject }) => reject(reason)),
  );
}

function enqueue(work: () => Promise<void>): Promise<void> {
  const done = last.then(work);
  last = done.catch(() => undefined);
  return done;
}

/** Reads share a plan, but not each other's faults: what one of them reads may be given up or replaced. */
async function serveSound(batch: readonly Request[]): Promise<void> {
  await serve(batch).catch(async (reason: unknown) => {
    const sound = batch.filter(isSound);
    if (sound.length === batch.length) throw reason;
    await serve(sound);
  });
}

/** Rejects a read whose graph no plan can start. */
function isSound({ node, reject }: Request): boolean {
  try {
    linearise([node]).nodes.forEach(storageAtHand);
    return true;
  } catch (reason) {
    reject(reason);
    return false;
  }
}

async function serve(batch: readonly Request[]): Promise<void> {
  const wanted = [...new Set(batch.map(({ node }) => node))];
  const toKeep = new Set(batch.filter(({ keep }) => keep).map(({ node }) => node));
  const toRead = new Set(batch.filter(({ keep }) => !keep).map(({ node }) => node));
  const missing = wanted.filter((node) => storageAtHand(node) === null);
  const computed = await runPlan(missing, defaultDevice());
  for (const node of wanted) {
    // A Variable may have got its first value in this very run; what was computed for the read is used all the same.
    const shared = missing.includes(node) ? null : storageAtHand(node);
    const storage = shared ?? computed[missing.indexOf(node)]!;
    if (shared !== null) shared.references++;
    if (toRead.has(node)) node.host ??= await storage.device.read(storage);
    if (toKeep.has(node) && node.storage === null) hold(node, storage);
    else release(storage);
  }
}

async function commit(reads: readonly Node[], assignments: readonly Assignment[]): Promise<void> {
  const device = defaultDevice();
  const unread = [...new Set(reads)].filter((node) => node.host === null);
  // Read before anything is donated: a tensor given may be the old value of a Variable.
  for (const node of unread) {
    const storage = storageAtHand(node);
    if (storage !== null) node.host = await storage.device.read(storage);
  }
  const wanted = unread.filter((node) => node.host === null);
  const roots = [...wanted, ...assignments.map(({ value }) => value.node)];
  const donated = donations(assignments, device);
  const results = await runPlan(roots, device, donated);
  for (const [i, node] of wanted.entries()) {
    node.host = await device.read(results[i]!);
    release(results[i]!);
  }
  for (const [i, { variable, value }] of assignments.entries()) {
    const old = variable.commit(results[wanted.length + i]!);
    if (old !== null && !donated.has(old)) release(old);
    releaseGraph(value.node);
    // Whoever still holds the assigned tensor holds, from now on, a read of the Variable's new version.
    if (value.node.released && !isInput(value.node))
      value.node.slot = { kind: "variable", variable, version: variable.version };
  }
  reads.forEach(releaseGraph);
}

/** The old storage of the assigned Variables that no handle shares: the device may write the new values over it. */
function donations(assignments: readonly Assignment[], device: Device): Set<Storage> {
  const old = assignments.flatMap(({ variable }) => variable.storageOf(variable.version) ?? []);
  return new Set(old.filter((storage) => storage.references === 1 && storage.device === device));
}

/** From now on the node is a value without a past, so no chain of graphs grows over steps. */
function releaseGraph(node: Node): void {
  if (node.inputs.length === 0) return;
  node.inputs = [];
  node.slot = null;
  node.released = true;
}

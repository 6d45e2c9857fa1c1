import { dispose } from "./realise.ts";
import type { Node } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/** What `scope()` gives: dispose of it and everything realised since goes, except what was kept. */
export interface Scope extends Disposable {
  /** Takes a tensor out of the scope, and returns it. */
  keep<T extends Tensor>(kept: T): T;
}

const scopes: Set<Node>[] = [];

/**
 * Realised values from here on belong to the scope. Optional: what nobody holds is collected anyway; a scope says when.
 *
 * @example using memory = scope(); await realise(logits); // freed at the end of the block
 */
export function scope(): Scope {
  const nodes = new Set<Node>();
  scopes.push(nodes);
  return {
    keep: (kept) => {
      nodes.delete(kept.node);
      return kept;
    },
    [Symbol.dispose]: () => {
      scopes.splice(scopes.indexOf(nodes), 1);
      nodes.forEach(dispose);
    },
  };
}

/** Called by `realise`. */
export function noteRealised(node: Node): void {
  scopes.at(-1)?.add(node);
}

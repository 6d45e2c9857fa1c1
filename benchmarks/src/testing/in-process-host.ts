import type { Host, Request } from "../hosts/host.ts";
import { localHost } from "../hosts/local-host.ts";
import type { Implementation } from "../implementations/implementation.ts";

/** A host in this process that remembers what it was asked, and whose peak is 1 GFLOP/s. */
export function inProcessHost(
  name: string,
  implementations: readonly Implementation[],
): Host & { readonly asked: Request[] } {
  const host = localHost(name, "128-bit FMA", implementations, () => 1);
  const asked: Request[] = [];
  return {
    ...host,
    asked,
    ask: (request, limitMs) => {
      asked.push(request);
      return host.ask(request, limitMs);
    },
  };
}

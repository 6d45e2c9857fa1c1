import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

const core = import.meta.resolve("@tensorflow/tfjs-core");
const folder = new URL(".", core).href;

let loaded: Promise<unknown> | null = null;

/**
 * Registers the derivatives of tfjs's operations, in Node. The bundle for Node leaves them out, and the modules that hold
 * them import each other without endings, which Node does not resolve; so it is told how to, while they load. They
 * register with the same engine: tfjs keeps it on the global object.
 */
export async function loadGradients(): Promise<void> {
  loaded ??= load();
  await loaded;
}

async function load(): Promise<void> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const inside = specifier.startsWith(".") && context.parentURL?.startsWith(folder) === true;
      return next(inside ? ended(new URL(specifier, context.parentURL).href) : specifier, context);
    },
  });
  try {
    await import(new URL("register_all_gradients.js", folder).href);
  } finally {
    hooks.deregister();
  }
}

function ended(url: string): string {
  const endings = ["", ".js", "/index.js"];
  return (
    url + (endings.find((ending) => /\.[a-z]+$/.test(url + ending) && existsSync(fileURLToPath(url + ending))) ?? "")
  );
}

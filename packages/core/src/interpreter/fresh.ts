/**
 * Makes separate code of a self-contained factory (one that uses no name from outside itself) and calls it.
 *
 * Engines optimise a function for the types it has met. Were f32, f64 and dual loops one function, each would slow the
 * others several times over; as separate code each stays specialised for its own arrays. Where evaluating text is
 * forbidden (a content security policy) the shared function is used: slower, and just as right.
 */
export function fresh<T>(factory: () => T): T {
  try {
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
    return (new Function(`return (${factory.toString()})();`) as () => T)();
  } catch {
    return factory();
  }
}

const rounds = 8;
const steps = 4_000_000;

/**
 * Multiplications and additions a second of plain JavaScript numbers, in GFLOP/s: eight independent chains in registers,
 * no memory. What the interpreter's loops could reach at best, measured in the same process.
 */
export function peakOfPlainNumbers(): number {
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const sum = chains(steps, 0.999, 0.001);
    const seconds = (performance.now() - start) / 1000;
    // The sum is used, or the loop would be dropped.
    if (Number.isFinite(sum)) best = Math.max(best, (steps * 16) / seconds / 1e9);
  }
  return best;
}

// Factor and addend are arguments: sixteen constants would not fit into registers beside the chains.
function chains(count: number, factor: number, addend: number): number {
  let [a, b, c, d] = [0.1, 0.2, 0.3, 0.4];
  let [e, f, g, h] = [0.5, 0.6, 0.7, 0.8];
  for (let i = 0; i < count; i++) {
    a = a * factor + addend;
    b = b * factor + addend;
    c = c * factor + addend;
    d = d * factor + addend;
    e = e * factor + addend;
    f = f * factor + addend;
    g = g * factor + addend;
    h = h * factor + addend;
  }
  return a + b + c + d + e + f + g + h;
}

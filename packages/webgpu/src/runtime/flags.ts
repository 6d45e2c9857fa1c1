// The numbers that the WebGPU specification gives to its flags. Browsers have them as globals, Node has not.

/** What a buffer may be used for. */
export const usage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  uniform: 0x40,
  storage: 0x80,
  query: 0x200,
} as const;

/** Who sees a binding: compute shaders. */
export const visibleToCompute = 0x4;

/** Map for reading. */
export const mapForReading = 0x1;

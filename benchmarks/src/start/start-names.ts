/** Work that is a whole process: from its start to the result of a first product of 256² matrices, and nothing at all. */
export const startWork = "start to matmul 256";
export const emptyProcess = "empty process";

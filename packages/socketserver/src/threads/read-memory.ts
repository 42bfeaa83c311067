/** The first size, in bytes, is what Node reads at most; the second is for connections that bring more at once. */
export const READ_SIZES = { small: 64 * 1024, large: 512 * 1024 } as const

/** How many unused buffers of each size are kept, for all connections together: 4 MiB and 16 MiB. */
const MAX_FREE = { small: 64, large: 32 }

const free = { small: [] as ArrayBuffer[], large: [] as ArrayBuffer[] }

/** The memory into which the main thread reads what goes to its worker threads. It is used again when it comes back. */
export const readMemory = {
  take(size: keyof typeof READ_SIZES): Buffer<ArrayBuffer> {
    const memory = free[size].pop()
    return memory === undefined ? Buffer.allocUnsafeSlow(READ_SIZES[size]) : Buffer.from(memory)
  },

  giveBack(memory: ArrayBuffer): void {
    const size = sizeOf(memory)
    if (size !== undefined && free[size].length < MAX_FREE[size]) free[size].push(memory)
  },
}

/** Whether it is worth giving back. Memory of any other size was not made here. */
export function isReadMemory(memory: ArrayBufferLike): memory is ArrayBuffer {
  return memory instanceof ArrayBuffer && sizeOf(memory) !== undefined
}

function sizeOf({ byteLength }: ArrayBuffer): keyof typeof READ_SIZES | undefined {
  if (byteLength === READ_SIZES.small) return 'small'
  return byteLength === READ_SIZES.large ? 'large' : undefined
}

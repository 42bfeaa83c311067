/** The files of hash-wasm with one algorithm each. They load four times as fast as the whole library. */
declare module 'hash-wasm/dist/blake3.umd.min.js' {
  const library: Pick<typeof import('hash-wasm'), 'createBLAKE3'>
  export default library
}

declare module 'hash-wasm/dist/xxhash128.umd.min.js' {
  const library: Pick<typeof import('hash-wasm'), 'createXXHash128'>
  export default library
}

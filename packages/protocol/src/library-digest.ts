import { ProtocolError } from './protocol-error.js'
import { WasmHasher, WasmInstance } from './wasm-hasher.js'

/** The digests that Node lacks. Libraries compute them. */
export type LibraryAlgorithm = 'blake3' | 'xxh128'

/** One digest that is being computed. */
export interface Hasher {
  update(bytes: Uint8Array): unknown
  /** The digest of the bytes so far, in lower-case hex. More may follow. */
  soFar(): string
  /** Lower-case hex. Call it once. */
  digest(encoding: 'hex'): string
}

interface Library {
  begin(): Hasher
  /** The digest of bytes that are there at once. */
  digest(bytes: Uint8Array): string
}

/** Whether this Node can compute them: without WebAssembly (`node --jitless`) it can't. */
export const HAS_LIBRARY_DIGESTS = 'WebAssembly' in globalThis

const LOADERS: Readonly<Record<LibraryAlgorithm, () => Promise<Library>>> = {
  blake3: async () => (await loadNativeBlake3()) ?? (await loadWasmBlake3()),
  xxh128: loadXxh128,
}

const loaded = new Map<LibraryAlgorithm, Library>()
const loading = new Map<LibraryAlgorithm, Promise<void>>()

/** Undefined if the library is loaded, which each thread has to do once. Rejects with `unsupported` if it can't be. */
export function loadLibrary(alg: LibraryAlgorithm): Promise<void> | undefined {
  if (loaded.has(alg)) return undefined
  const already = loading.get(alg)
  if (already !== undefined) return already
  const load = LOADERS[alg]().then(
    (library) => void loaded.set(alg, library),
    (error: unknown) => {
      throw new ProtocolError('unsupported', `${alg} can't be computed here: ${firstLine(error)}`)
    },
  )
  loading.set(alg, load)
  return load
}

/** Throws `internal` if nobody has waited for `loadLibrary` in this thread. */
export function libraryOf(alg: LibraryAlgorithm): Library {
  const library = loaded.get(alg)
  if (library !== undefined) return library
  throw new ProtocolError('internal', `${alg} is used before its library is loaded`)
}

/** Several times as fast as WebAssembly. It is an optional dependency, because not every system has it. */
async function loadNativeBlake3(): Promise<Library | undefined> {
  try {
    const { Blake3Hasher, blake3 } = await import('@napi-rs/blake-hash')
    return {
      begin: () => {
        const hasher = new Blake3Hasher()
        return {
          update: (bytes) => hasher.update(bytes),
          // It may go on after its digest was asked for.
          soFar: () => hasher.digest('hex'),
          digest: () => hasher.digest('hex'),
        }
      },
      // For a small file this is a quarter of the work.
      digest: (bytes) => blake3(bytes).toString('hex'),
    }
  } catch {
    return undefined
  }
}

async function loadWasmBlake3(): Promise<Library> {
  const { default: wasm } = await import('hash-wasm/dist/blake3.umd.min.js')
  return libraryIn(new WasmInstance(await wasm.createBLAKE3()))
}

async function loadXxh128(): Promise<Library> {
  const { default: wasm } = await import('hash-wasm/dist/xxhash128.umd.min.js')
  return libraryIn(new WasmInstance(await wasm.createXXHash128()))
}

function libraryIn(instance: WasmInstance): Library {
  const begin = () => new WasmHasher(instance)
  return {
    begin,
    digest: (bytes) => {
      const hasher = begin()
      hasher.update(bytes)
      return hasher.digest('hex')
    },
  }
}

function firstLine(error: unknown): string {
  return String(error).split('\n', 1)[0] ?? ''
}

import { closeSync, ftruncateSync, unlinkSync } from 'node:fs'
import type { AckOf } from '@jftp/protocol'
import { MIN_PART_SIZE, readStart } from '@jftp/transfer'
import type { GetOptions } from '../call-options.js'
import { checkLocalPath, toRemotePath } from '../checked-arguments.js'
import { FileDownload } from '../download/file-download.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { reportProgress } from '../progress.js'
import type { ConnectionLink } from '../retry/connection-link.js'
import type { TransferResult } from '../transfer-result.js'
import { SegmentCall } from './segment-call.js'

const MIB = 1024 * 1024

/** A smaller file has come before several connections have found their speed: 8 MiB. */
const MIN_SIZE = 8 * MIB

/**
 * Segments for each connection. With more of them the connections end closer together; with fewer the server has less
 * to do. One has 1 to 16 MiB: what came of it is fetched again if its connection is lost.
 */
const SEGMENTS_EACH = 16
const MAX_SEGMENT = 16 * MIB

/** Segments that each connection has asked for. The next one is on its way while one arrives. */
const IN_FLIGHT = 2

/** What there is besides segments: the file is small, or a part of it is there already. */
export type Declined = 'declined'

/**
 * Fetches one file over several connections, in segments, each of which is checked by a digest of its own. `declined`
 * if the file is too small for that, or if there is a part of it to go on with.
 */
export async function getSegments(
  links: readonly ConnectionLink[],
  remotePath: string,
  local: string,
  options: GetOptions,
): Promise<TransferResult | Declined> {
  checkLocalPath(local)
  const began = performance.now()
  const path = toRemotePath(remotePath)
  const [first] = links
  if (first === undefined || options.onExists === 'resume') return 'declined'
  const { connection } = first
  const alg = options.digest ?? connection.digest
  const segment = { path, digest: alg, signal: options.signal, onBytes: () => {} }
  const facts = await first.run(options.signal, (dialled) =>
    dialled.connection.run(
      new SegmentCall(dialled.connection, { ...segment, offset: 0, length: 0, fd: undefined }),
    ),
  )
  const { size } = facts
  if (size < MIN_SIZE) return 'declined'
  const url = `${connection.origin}${remotePath}`
  const download = new FileDownload(local, connection.resources, { ...options, url })
  if (download.prepare() === 'skipped' || download.skips(facts)) {
    return {
      path,
      local,
      bytes: 0,
      digest: undefined,
      status: 'skipped',
      resumedFrom: 0,
      ms: performance.now() - began,
    }
  }
  const staged = download.stage(facts)
  const fetched = new FetchedSegments(size, links.length)
  try {
    await fetchAll(links, fetched, { ...segment, fd: staged.fd, facts, options })
    const start = await readStart(staged.fd, size, alg)
    download.adopt(staged, start)
  } catch (error) {
    keepStart(download, staged, fetched.whole, facts)
    throw toFtpError(error, path)
  }
  download.open(facts, alg, size)
  const { digest } = await download.finish()
  return new Promise((resolve, reject) => {
    download.commit((outcome) => {
      const ms = performance.now() - began
      if (outcome instanceof FtpError) reject(outcome)
      else resolve({ path, local, digest, resumedFrom: 0, ms, ...outcome, bytes: size })
    })
  })
}

interface FetchOptions {
  readonly path: string
  readonly digest: GetOptions['digest'] & string
  readonly fd: number
  readonly facts: AckOf<'get'>
  readonly options: GetOptions
}

async function fetchAll(
  links: readonly ConnectionLink[],
  fetched: FetchedSegments,
  { path, digest, fd, facts, options }: FetchOptions,
): Promise<void> {
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  let bytes = 0
  const lane = async (link: ConnectionLink): Promise<void> => {
    for (let offset = fetched.next(); offset !== undefined && !signal.aborted; offset = fetched.next()) {
      const from = offset
      const length = fetched.lengthAt(from)
      await link.run(signal, async ({ connection }) => {
        let came = 0
        const onBytes = (count: number) => {
          came += count
          bytes += count
          reportProgress(options.onProgress, { bytes, total: facts.size })
        }
        try {
          const segment = { path, offset: from, length, digest, fd, signal, onBytes }
          requireSameVersion(await connection.run(new SegmentCall(connection, segment)), facts)
        } catch (error) {
          bytes -= came
          throw error
        }
      })
      fetched.done(from)
    }
  }
  const lanes = links.flatMap((link) => Array.from({ length: IN_FLIGHT }, () => lane(link)))
  let failure: FtpError | undefined
  const settled = lanes.map((each) =>
    each.catch((error: unknown) => {
      failure ??= toFtpError(error, path)
      stop.abort()
    }),
  )
  await Promise.all(settled)
  if (failure !== undefined) throw failure
  if (options.signal?.aborted) {
    throw new FtpError('cancelled', `${path}: cancelled before it was done`, {
      path,
      cause: options.signal.reason,
    })
  }
}

/** The file may have been replaced between two segments. */
function requireSameVersion({ size, mtime }: AckOf<'get'>, facts: AckOf<'get'>): void {
  if (size === facts.size && mtime === facts.mtime) return
  throw new FtpError('changed', `${facts.path}: it changed while it was fetched; get it again`, {
    path: facts.path,
  })
}

/** What is there without a gap can be continued by a later get. */
function keepStart(
  download: FileDownload,
  staged: { readonly fd: number; readonly path: string },
  size: number,
  facts: AckOf<'get'>,
): void {
  try {
    if (size >= MIN_PART_SIZE) ftruncateSync(staged.fd, size)
    closeSync(staged.fd)
    if (size >= MIN_PART_SIZE) download.keepPart(staged.path, facts)
    else unlinkSync(staged.path)
  } catch (error) {
    throw fromLocalError(error, download.local)
  }
}

/** Which segments of a file are to be fetched, and which have come. */
class FetchedSegments {
  readonly #size: number
  readonly #segment: number
  readonly #done = new Set<number>()
  #next = 0

  constructor(size: number, connections: number) {
    this.#size = size
    const wanted = Math.ceil(size / (connections * SEGMENTS_EACH * MIB)) * MIB
    this.#segment = Math.min(MAX_SEGMENT, wanted)
  }

  /** The offset of a segment that nobody has asked for yet. */
  next(): number | undefined {
    if (this.#next >= this.#size) return undefined
    const offset = this.#next
    this.#next += this.#segment
    return offset
  }

  lengthAt(offset: number): number {
    return Math.min(this.#segment, this.#size - offset)
  }

  done(offset: number): void {
    this.#done.add(offset)
  }

  /** Bytes that have come from the beginning of the file on without a gap. */
  get whole(): number {
    let end = 0
    while (this.#done.has(end)) end += this.#segment
    return Math.min(end, this.#size)
  }
}

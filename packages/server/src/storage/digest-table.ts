import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Digest } from '@jftp/protocol'
import type { Folder } from './folder.js'

/** What tells one version of a file from every other file and version: fields of its `stat`. */
export interface FileVersion {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

/** The codes of digests in a record. They are never used for anything else, because files hold them. */
const CODES: Readonly<Record<Digest['alg'], number>> = { md5: 1, sha256: 2, blake3: 3, xxh128: 4 }

/** Bytes of a digest. */
const SIZES: Readonly<Record<Digest['alg'], number>> = { md5: 16, sha256: 32, blake3: 32, xxh128: 16 }

// A record: five numbers of 8 bytes, the code of the digest in 8, the digest in 32, their CRC in 4. The rest is zero.
const RECORD_SIZE = 128
const KEY_SIZE = 48
const CRC_AT = KEY_SIZE + 32

/** Records that a file may be in. If all are taken, one of them is overwritten. */
const BUCKET_RECORDS = 4
const BUCKET_SIZE = BUCKET_RECORDS * RECORD_SIZE

/** The file grows to 64 MiB at most, for half a million digests, and takes up only what has been written of it. */
const BUCKETS = 2n ** 17n

/** The file's name has the version of this layout. */
const FILE_NAME = 'table-1'

/**
 * Digests in a file of fixed records, each at a place that its key gives. Several threads and processes may use the
 * file at once without locks: a record is written in one go, and one that is torn, damaged or cut off has a wrong
 * CRC and counts as missing. The methods throw the file system's errors.
 */
export class DigestTable {
  readonly #fd: number
  readonly #bucket = Buffer.alloc(BUCKET_SIZE)
  readonly #wanted = Buffer.alloc(RECORD_SIZE)

  /** Makes the file if it is missing, or else throws ENOENT. */
  constructor(folder: Folder, ifMissing: 'make' | 'fail') {
    const { O_RDWR, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
    const O_CREAT = ifMissing === 'make' ? constants.O_CREAT : 0
    this.#fd = openSync(folder.child(FILE_NAME), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
    if (fstatSync(this.#fd).isFile()) return
    closeSync(this.#fd)
    throw new Error(`${FILE_NAME} is not a regular file`)
  }

  /** Whether somebody has removed the file, so that nobody else will read what is written to it. */
  get isRemoved(): boolean {
    return fstatSync(this.#fd).nlink === 0
  }

  /** The digest as hex; undefined if it is not there. */
  find(version: FileVersion, alg: Digest['alg']): string | undefined {
    this.#read(version, alg)
    for (let at = 0; at < BUCKET_SIZE; at += RECORD_SIZE) {
      const isWanted = this.#bucket.compare(this.#wanted, 0, KEY_SIZE, at, at + KEY_SIZE) === 0
      if (isWanted && this.#isWhole(at))
        return this.#bucket.toString('hex', at + KEY_SIZE, at + KEY_SIZE + SIZES[alg])
    }
    return undefined
  }

  /** Also takes the place of what is kept of an earlier version of the file. */
  put(version: FileVersion, { alg, hex }: Digest): void {
    const start = this.#read(version, alg)
    this.#wanted.fill(0, KEY_SIZE)
    this.#wanted.write(hex, KEY_SIZE, 'hex')
    this.#wanted.writeUInt32LE(crc32(this.#wanted.subarray(0, CRC_AT)), CRC_AT)
    writeSync(this.#fd, this.#wanted, 0, RECORD_SIZE, start + this.#place(version))
  }

  close(): void {
    closeSync(this.#fd)
  }

  /** Reads the bucket and makes the key that is looked for in it. Returns where in the file the bucket begins. */
  #read({ dev, ino, size, mtimeNs, ctimeNs }: FileVersion, alg: Digest['alg']): number {
    const code = BigInt(CODES[alg])
    for (const [index, number] of [dev, ino, code, size, mtimeNs, ctimeNs].entries()) {
      this.#wanted.writeBigInt64LE(BigInt.asIntN(64, number), index * 8)
    }
    const start = Number(mix(dev, ino, code) % BUCKETS) * BUCKET_SIZE
    const count = readSync(this.#fd, this.#bucket, 0, BUCKET_SIZE, start)
    this.#bucket.fill(0, count)
    return start
  }

  /** The offset in the bucket: an earlier version of this file, else a place that is free, else any. */
  #place({ ino }: FileVersion): number {
    let free: number | undefined
    for (let at = 0; at < BUCKET_SIZE; at += RECORD_SIZE) {
      if (this.#bucket.compare(this.#wanted, 0, FILE_KEY_SIZE, at, at + FILE_KEY_SIZE) === 0) return at
      if (!this.#isWhole(at)) free ??= at
    }
    return free ?? Number(ino % BigInt(BUCKET_RECORDS)) * RECORD_SIZE
  }

  #isWhole(at: number): boolean {
    return crc32(this.#bucket.subarray(at, at + CRC_AT)) === this.#bucket.readUInt32LE(at + CRC_AT)
  }
}

/** Device, inode and the code of the digest: what all versions of a file have in common. */
const FILE_KEY_SIZE = 24

/** Spreads neighbouring inodes over the whole table. */
function mix(...numbers: bigint[]): bigint {
  let mixed = 0n
  for (const number of numbers) {
    mixed = BigInt.asUintN(64, (mixed ^ number) * 0x9e3779b97f4a7c15n)
    mixed ^= mixed >> 32n
  }
  return mixed
}

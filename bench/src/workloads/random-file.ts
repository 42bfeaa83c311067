import { randomFillSync } from 'node:crypto'
import { closeSync, copyFileSync, linkSync, openSync, writeSync } from 'node:fs'

const PIECE = 2 ** 22

/** Random, so that nobody gains by finding zeros or by compressing. */
export function writeRandomFile(path: string, size: number): void {
  const piece = new Uint8Array(PIECE)
  const file = openSync(path, 'wx')
  try {
    for (let left = size; left > 0; left -= PIECE) {
      randomFillSync(piece)
      writeSync(file, piece, 0, Math.min(left, PIECE))
    }
  } finally {
    closeSync(file)
  }
}

/** The same bytes under a second name, without their memory where the file system can. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

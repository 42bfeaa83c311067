import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { tempFolder } from './temp-folder.js'

/** The folder that the root is in, for what else a test needs, after a call of one of the two functions below. */
export let folder: ReturnType<typeof tempFolder>
/** The root of a test, in a folder of its own, after a call of one of the two functions below. */
export let root = ''
/** The ftpd that serves it, after a call of `serveRoot`. */
export let daemon: DaemonProcess

/** One root and one ftpd for all tests of a group. `fill` is called once, before ftpd starts. */
export function serveRoot(args: readonly string[], fill: () => void = () => {}): void {
  beforeAll(async () => {
    make('in memory')
    fill()
    daemon = await DaemonProcess.start(root, args)
  })
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
}

/** A new root for each test of a group, which starts its own ftpd. */
export function makeRootForEachTest(
  fill: () => void | Promise<void> = () => {},
  where: 'on disk' | 'in memory' = 'in memory',
): void {
  beforeEach(() => {
    make(where)
    return fill()
  })
  afterEach(() => folder[Symbol.dispose]())
}

function make(where: 'on disk' | 'in memory'): void {
  folder = tempFolder(where)
  root = join(folder.path, 'root')
  mkdirSync(root)
}

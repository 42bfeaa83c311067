import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { ScratchFolder } from './scratch-folder.js'

/** The two folders of the tests of one file, and the ftpd that serves one of them, after a call of `serveScratch`. */
export let scratch: ScratchFolder
export let daemon: DaemonProcess

/** One for all tests of a file. `prepare` is called once, before ftpd starts. */
export function serveScratch(prepare: () => void = () => {}): void {
  beforeAll(async () => {
    scratch = new ScratchFolder()
    prepare()
    daemon = await DaemonProcess.start(scratch.remote)
  })
  afterAll(async () => {
    await daemon.stop()
    scratch[Symbol.dispose]()
  })
}

export const local = (name: string): string => join(scratch.local, name)
export const remote = (name: string): string => join(scratch.remote, name)

import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { FaultyProxy } from './faulty-proxy.js'
import { tempFolder } from './temp-folder.js'

/** The ftpd of a test, its root, the proxy before it, and a local folder, after a call of `serveBehindProxy`. */
export let folder: ReturnType<typeof tempFolder>
export let root: ReturnType<typeof tempFolder>
export let daemon: DaemonProcess
export let proxy: FaultyProxy

/** New ones for each test. */
export function serveBehindProxy(): void {
  beforeEach(async () => {
    folder = tempFolder('in memory')
    root = tempFolder('in memory')
    daemon = await DaemonProcess.start(root.path)
    proxy = await FaultyProxy.start(daemon.place)
  })
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]()
    await daemon[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
    root[Symbol.dispose]()
  })
}

/** Ends the daemon, if it has not ended yet, and starts it again at the same address, with more arguments. */
export async function restartDaemon(...args: string[]): Promise<void> {
  await daemon.stop()
  daemon = await DaemonProcess.start(root.path, [...daemon.again, ...args])
}

export const local = (name = 'file'): string => join(folder.path, name)
export const served = (name = 'file'): string => join(root.path, name)

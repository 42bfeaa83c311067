import { join } from 'node:path'
import { connect, type FtpClient } from '@jftp/client'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { Ftpd } from './client-ftpd.js'

/** The ftpd and the client of the tests of one file, after that file has called one of the two functions below. */
export let ftpd: Ftpd
export let client: FtpClient

/** One for all tests of a file. `prepare` is called once, when both are there. */
export function connectOnce(prepare: () => void = () => {}): void {
  beforeAll(start)
  beforeAll(prepare)
  afterAll(stop)
}

/** New ones for each test. */
export function connectForEachTest(): void {
  beforeEach(start)
  afterEach(stop)
}

export const local = (name: string): string => join(ftpd.local, name)
export const served = (name: string): string => join(ftpd.root, name)

async function start(): Promise<void> {
  ftpd = await Ftpd.start()
  client = await connect(ftpd.url)
}

async function stop(): Promise<void> {
  await client.close()
  await ftpd[Symbol.asyncDispose]()
}

import { once } from 'node:events'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { ftp, startFtp } from './ftp-process.js'
import { daemon, scratch, serveScratch } from './served-scratch.js'

serveScratch(() => {
  // Sparse: takes no disk, and seconds to carry.
  for (const folder of [scratch.remote, scratch.local]) {
    writeFileSync(join(folder, 'huge'), '')
    truncateSync(join(folder, 'huge'), 20 * 1024 ** 3)
  }
  writeFileSync(join(scratch.remote, 'target'), 'what was there')
})

/** Starts a transfer and waits until bytes move. */
async function startTransfer(...args: string[]) {
  const run = startFtp([...args, '--json'], { cwd: scratch.local })
  onTestFinished(() => void run.child.kill('SIGKILL'))
  if (!run.child.stdout) throw new Error('no stdout')
  for (let seen = ''; !seen.includes('"progress"'); ) {
    const [chunk] = (await once(run.child.stdout, 'data')) as [Buffer]
    seen += chunk.toString()
  }
  return run
}

describe('a transfer that is interrupted', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s ends with %d, and leaves no temporary file here', async (signal, exitCode) => {
    const { child, end } = await startTransfer('get', `${daemon.url}/huge`, '-o', 'copy')
    child.kill(signal)
    const ended = await end
    expect(ended.exitCode).toBe(exitCode)
    expect(ended.stdout).toMatch(new RegExp(`"event":"result","exitCode":${exitCode},.*\n$`))
    expect(scratch.namesButKept).toEqual(['huge'])
  })

  test('leaves what was there before on the server', async () => {
    const { child, end } = await startTransfer('put', 'huge', `${daemon.url}/target`)
    child.kill('SIGINT')
    expect((await end).exitCode).toBe(130)
    expect((await ftp(['get', `${daemon.url}/target`, '-'])).stdout).toBe('what was there')
    expect((await ftp(['ls', '-a', `${daemon.url}/`])).stdout).toBe('huge\ntarget\n')
  })

  test('by the death of the server ends with 3', async () => {
    await using mortal = await DaemonProcess.start(scratch.remote)
    const { end } = await startTransfer('get', `${mortal.url}/huge`, '-o', 'copy')
    await mortal.stop('SIGKILL')
    expect((await end).exitCode).toBe(3)
    expect(scratch.namesButKept).toEqual(['huge'])
  })
})

test('the first Ctrl-C ends a put that waits for its source', async () => {
  const { child, end } = startFtp(['-q', '-c', 'pwd; put - waiting', daemon.url])
  onTestFinished(() => void child.kill('SIGKILL'))
  if (!child.stdout) throw new Error('no stdout')
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  expect((await end).exitCode).toBe(130)
  expect(scratch.names('remote')).not.toContain('waiting')
})

test('a reader that has seen enough is no error', async () => {
  const { child, end } = startFtp(['get', `${daemon.url}/huge`, '-'])
  onTestFinished(() => void child.kill('SIGKILL'))
  if (!child.stdout) throw new Error('no stdout')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  await expect(end).rejects.toThrow()
  const [exitCode] = child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode]
  expect(exitCode).toBe(0)
})

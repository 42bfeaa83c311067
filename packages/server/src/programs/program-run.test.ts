import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Executed } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import type { ProgramEnd } from './program.js'
import { ProgramRun } from './program-run.js'

/** Runs of programs, as the client that reads them slowly or not at all sees them. */

const ends: ProgramEnd[] = []

const start = (script: string, timeoutMs: number) => {
  const limits = { timeoutMs, maxOutput: 1024 * 1024 }
  const program = {
    name: 'it',
    command: ['sh', '-c', script],
    users: ['ci'],
    takesArguments: false,
    ...limits,
  }
  return ProgramRun.start(program, [], { pause: async () => {}, onEnd: (end) => ends.push(end) })
}

const rest = async ({ pages }: ProgramRun) => {
  const items: Executed[] = []
  for await (const page of pages) items.push(...page)
  return items
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const gone = async (pid: number) => {
  while (isAlive(pid)) await sleep(10)
}

describe('a run of a program', () => {
  test('that has ended in time is not called late if its output is read later', async () => {
    const run = await start('echo out; sleep 0.1; echo more', 400)
    const first = await run.pages.next()
    expect(first.value).toMatchObject([{ type: 'output', data: Buffer.from('out\n').toString('base64') }])
    await sleep(800)
    const more = { type: 'output', stream: 'stdout', data: Buffer.from('more\n').toString('base64') }
    expect(await rest(run)).toEqual([more, { type: 'exit', exitCode: 0 }])
    run.close()
  })

  test('takes no longer than its time although nobody reads it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jftp-program-'))
    try {
      const path = join(folder, 'pid')
      const run = await start(`echo $$ > ${path}.new; mv ${path}.new ${path}; exec sleep 600`, 1500)
      while (!existsSync(path)) await sleep(10)
      const pid = Number(readFileSync(path, 'utf8'))
      await gone(pid)
      await expect(rest(run)).rejects.toMatchObject({ code: 'timeout' })
      run.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

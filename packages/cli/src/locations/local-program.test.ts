import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LocalProgram } from './local-program.js'

const { isTTY } = process.stdin

describe('Ctrl-C on a terminal', () => {
  beforeEach(() => {
    process.stdin.isTTY = true
  })
  afterEach(() => {
    process.stdin.isTTY = isTTY
  })

  const start = (command: string) => new LocalProgram({ command, folder: '/', stdin: 'pipe' })

  test('is passed on if Node tells of it in the turn in which the program has started', async () => {
    const controller = new AbortController()
    const program = start('exec sleep 1000')
    try {
      const ended = program.ended(controller.signal)
      await nextTurn()
      controller.abort()
      expect(await ended).toBe(143)
    } finally {
      program.child.kill('SIGKILL')
    }
  })

  test('is left to a program that runs', async () => {
    const controller = new AbortController()
    const program = start('read line; exit 7')
    const ended = program.ended(controller.signal)
    await once(program.child, 'spawn')
    for (let turns = 0; turns < 3; turns++) await nextTurn()
    controller.abort()
    program.child.stdin?.end('line\n')
    expect(await ended).toBe(7)
  })
})

import { expect, test } from 'vitest'
import { runChain } from './run-chain.js'
import { parseLine } from './statement.js'

/** Runs a line of commands that end with the code they are named for; tells which ran. */
async function run(text: string): Promise<{ ran: string[]; exitCode: number }> {
  const ran: string[] = []
  const [chain] = parseLine(text)
  const { exitCode } = await runChain(chain?.statements ?? [], async ({ source }) => {
    ran.push(source)
    return { exitCode: Number(source), leaves: false }
  })
  return { ran, exitCode }
}

test.each([
  ['0 && 0', ['0', '0'], 0],
  ['5 && 0', ['5'], 5],
  ['5 || 0', ['5', '0'], 0],
  ['0 || 5', ['0'], 0],
  ['5 && 0 || 3', ['5', '3'], 3],
  ['0 && 5 || 0 && 2', ['0', '5', '0', '2'], 2],
])('%s', async (text, ran, exitCode) => {
  expect(await run(text)).toEqual({ ran, exitCode })
})

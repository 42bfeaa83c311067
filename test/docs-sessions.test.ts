import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { blocksOf, ConsoleSession } from './console-session.js'
import { hasTerminal } from './terminal.js'

/** What the documents show is what the commands really print. */

const hasBash = spawnSync('bash', ['-c', 'exit']).status === 0

test.skipIf(!hasBash || !hasTerminal).each(['README.md', 'docs/GUIDE.md'])('%s', async (name) => {
  const blocks = blocksOf(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'), 'console')
  expect(blocks.length).toBeGreaterThan(0)
  await using session = await ConsoleSession.begin()
  for (const block of blocks) await session.run(block)
})

import { readFileSync } from 'node:fs'
import { FTP_ERROR_CODES } from '@jftp/client'
import { COMMANDS, FrameType } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { conversations, frameExamples } from './conformance-data.js'
import { documentBlock } from './docs-tables.js'

const MARKER = /^<!-- (.+) -->\n/gm

interface Document {
  readonly text: string
  /** The comments that name what must stand behind them. */
  readonly markers: readonly { all: string; name: string }[]
}

function read(name: string): Document {
  const text = readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')
  return { text, markers: [...text.matchAll(MARKER)].map(([all, name = '']) => ({ all, name })) }
}

describe.each(['PROTOCOL.md', 'ERRORS.md'])('docs/%s', (document) => {
  const { text, markers } = read(document)

  test.each(markers)('$name is what code and conformance data say', ({ all, name }) => {
    const behind = text.slice(text.indexOf(all) + all.length).trimStart()
    const block = documentBlock(name)
    expect(behind.slice(0, block.length + 1)).toBe(`${block}\n`)
  })
})

describe('docs/PROTOCOL.md', () => {
  const { text, markers } = read('PROTOCOL.md')

  test('shows every example', () => {
    const shown = markers.map(({ name }) => name)
    expect(shown).toEqual(expect.arrayContaining(conversations.map(({ name }) => `conversation: ${name}`)))
    expect(shown).toEqual(expect.arrayContaining(frameExamples.map(({ name }) => `dump: ${name}`)))
    expect(shown).toEqual(expect.arrayContaining(['limits', 'paths', 'errors', 'invalid', 'breaches']))
    expect(new Set(shown).size).toBe(shown.length)
  })

  test('lists every frame type', () => {
    for (const [name, type] of Object.entries(FrameType)) expect(text).toContain(`\n| ${type} | ${name} |`)
  })

  test('describes every command with each of its fields and choices', () => {
    const sections = text.split(/^#+ /m)
    for (const [cmd, { shape, request, ack }] of Object.entries(COMMANDS)) {
      const section = sections.find((section) => section.startsWith(`\`${cmd}\`\n`)) ?? ''
      expect(section, cmd).toMatch(new RegExp(`^.*\n${shape}`, 'i'))
      const acks = 'options' in ack ? ack.options : [ack]
      for (const schema of [request, ...acks]) {
        for (const [field, type] of Object.entries(schema.entries)) {
          expect(section, `${cmd} ${field}`).toContain(`\`${field}\``)
          for (const choice of choicesOf(type)) expect(section, `${cmd} ${field}`).toContain(`\`${choice}\``)
        }
      }
    }
  })
})

describe('docs/ERRORS.md', () => {
  const { text, markers } = read('ERRORS.md')

  test('shows both tables', () => {
    expect(markers.map(({ name }) => name)).toEqual(['wire errors', 'local errors'])
  })

  test('explains every exit code', () => {
    const explained = text.slice(text.indexOf('## Exit codes'))
    for (const { exitCode } of Object.values(FTP_ERROR_CODES)) {
      expect(explained).toMatch(new RegExp(`^\\| ${exitCode}[ ,]`, 'm'))
    }
  })
})

function choicesOf(schema: unknown): readonly unknown[] {
  const { options, wrapped, literal } = schema as {
    options?: unknown[]
    wrapped?: unknown
    literal?: unknown
  }
  if (wrapped !== undefined) return choicesOf(wrapped)
  if (literal !== undefined) return [literal]
  return (options ?? []).filter((option) => typeof option === 'string')
}

import { readFileSync } from 'node:fs'
import { COMMANDS, ERROR_CODES, FrameType } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { conversations, frameExamples } from './conformance-data.js'
import { protocolBlock } from './docs-tables.js'

const read = (name: string): string => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')

const MARKER = /^<!-- (.+) -->\n/gm

describe('docs/PROTOCOL.md', () => {
  const text = read('PROTOCOL.md')
  const markers = [...text.matchAll(MARKER)].map(([all, name = '']) => ({ all, name }))

  test.each(markers)('$name is what code and conformance data say', ({ all, name }) => {
    const behind = text.slice(text.indexOf(all) + all.length)
    const block = protocolBlock(name)
    expect(behind.replace(/^\n/, '').slice(0, block.length + 1)).toBe(`${block}\n`)
  })

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

  test('knows every error code', () => {
    for (const code of Object.keys(ERROR_CODES)) expect(text).toContain(`| \`${code}\` |`)
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

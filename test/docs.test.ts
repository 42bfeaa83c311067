import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { COMMANDS, FrameType } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { commandFields } from './command-fields.js'
import { allExamples, breaches } from './conformance-data.js'
import { documentTable } from './docs-tables.js'
import { ftp } from './ftp-process.js'

const folder = new URL('../docs/', import.meta.url)

const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

/** The comments that name the table behind them. */
const markersOf = (text: string): string[] =>
  [...text.matchAll(/^<!-- (.+) -->$/gm)].map(([, name = '']) => name)

describe.each(['PROTOCOL.md', 'REQUESTS.md', 'ERRORS.md', 'COMMANDS.md'])('docs/%s', (name) => {
  const text = read(name)

  test.each(markersOf(text))('the table of %s is what the code says', (marker) => {
    const [, behind = ''] = text.split(`<!-- ${marker} -->\n\n`)
    expect(behind.slice(0, behind.indexOf('\n\n'))).toBe(documentTable(marker))
  })

  test('every link leads somewhere', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
      const [file = '', anchor] = target.split('#')
      expect(existsSync(new URL(file, folder)), target).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(file === '' ? text : read(file)), target).toContain(anchor)
    }
  })
})

describe('docs/PROTOCOL.md', () => {
  const text = read('PROTOCOL.md')

  test('can be read in one sitting', () => {
    expect(text.split('\n').length).toBeLessThanOrEqual(500)
  })

  test('has the tables that the code knows', () => {
    expect(markersOf(text)).toEqual(['errors', 'limits'])
  })

  test('lists every frame type', () => {
    const listed = rowsOf(text).filter(([, name]) => name !== undefined && name in FrameType)
    expect(listed.map(([type, name]) => [name, Number(type)])).toEqual(Object.entries(FrameType))
  })
})

describe('docs/PROTOCOL.md and docs/REQUESTS.md', () => {
  const text = read('PROTOCOL.md') + read('REQUESTS.md')

  test('names every file of the conformance data', () => {
    for (const file of readdirSync(new URL('../test/conformance/', folder))) {
      expect(text).toContain(`[\`${file}\`](../test/conformance/${file})`)
    }
  })

  test('names every breach of the conformance data', () => {
    for (const { name } of breaches) expect(text).toContain(`\`${name}\``)
  })

  test('shows only messages that are in the conformance data', () => {
    const shown = [...text.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, json = '']) =>
      json.trim().split('\n'),
    )
    expect(shown.length).toBeGreaterThan(0)
    const messages = allExamples.map(({ frame }) => frame.json)
    for (const line of shown) expect(messages).toContainEqual(JSON.parse(line))
  })

  test('shows only bytes that are in the conformance data', () => {
    const shown = [...text.matchAll(/`((?:[0-9a-f]{2} ){7,}[0-9a-f]{2})`/g)]
    expect(shown.length).toBeGreaterThan(0)
    const frames = allExamples.map(({ hex }) => hex)
    for (const [, bytes = ''] of shown) {
      const hex = bytes.replaceAll(' ', '')
      expect(frames.some((frame) => frame.startsWith(hex))).toBe(true)
    }
  })
})

describe('docs/REQUESTS.md', () => {
  const text = read('REQUESTS.md')

  test('lists every command with its shape', () => {
    const rows = rowsOf(text)
    for (const [cmd, { shape }] of Object.entries(COMMANDS)) {
      expect(rows).toContainEqual([`\`${cmd}\``, shape, expect.any(String), expect.any(String)])
    }
  })

  test.each(['argument', 'fact'] as const)('describes every %s of every command, and no other', (kind) => {
    const [, table = ''] = text.split(`| command | ${kind} | type | meaning |\n`)
    const documented = new Map(
      rowsOf(table.slice(0, table.indexOf('\n\n'))).flatMap(([commands = '', name, type = '']) =>
        commands.split(', ').map((cmd) => [`${cmd} ${name}`.replaceAll('`', ''), type]),
      ),
    )
    const fields = new Map(commandFields(kind).map((field) => [`${field.cmd} ${field.name}`, field]))
    expect([...documented.keys()].sort()).toEqual([...fields.keys()].sort())
    for (const [name, { choices, presence }] of fields) {
      const type = documented.get(name) ?? ''
      for (const choice of choices) expect(type, name).toContain(`\`${choice}\``)
      if (presence.type === 'default')
        expect(type, name).toMatch(new RegExp(`, default \`${presence.value}\`$`))
      expect(type.endsWith(', *optional*'), name).toBe(presence.type === 'optional')
    }
  })
})

test('docs/COMMANDS.md has every command and every flag of ftp', async () => {
  const { stdout: help } = await ftp(['--help'])
  const text = read('COMMANDS.md')
  const commands = help.slice(help.indexOf('\ncommands\n'), help.indexOf('\nflags\n'))
  const names = [...commands.matchAll(/^ {2}([^ ,]+(?:, [^ ,]+)*) /gm)].flatMap(([, row = '']) =>
    row.split(', '),
  )
  expect(names).toContain('put')
  for (const name of names) expect(text).toMatch(new RegExp(`\`${name.replace('?', '\\?')}[\` ]`))
  const flags = [...help.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag)
  expect(flags).toContain('--url')
  for (const flag of flags) expect(text).toContain(`${flag}`)
})

test('docs/ERRORS.md has the tables that the code knows', () => {
  expect(markersOf(read('ERRORS.md'))).toEqual(['errors', 'local errors'])
})

/** The cells of every row of every table, without the lines that separate heads from bodies. */
function rowsOf(text: string): string[][] {
  return [...text.matchAll(/^\| (.*) ?\|$/gm)].map(([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  )
}

/** The anchors that GitHub gives the headings of a document. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  )
}

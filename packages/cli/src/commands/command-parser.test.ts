import { describe, expect, test } from 'vitest'
import { globalFlags } from '../settings/global-flags.js'
import { parseCommand, usageOf } from './command-parser.js'
import { COMMAND_ROWS, findCommand } from './table.js'

async function parse(name: string, ...words: string[]) {
  const command = await findCommand(name)?.load()
  if (!command) throw new Error(`no command ${name}`)
  const parsed = parseCommand(
    name,
    command,
    globalFlags,
    words.map((text) => ({ text })),
  )
  return { ...parsed, args: parsed.args.map(({ text }) => text) }
}

describe('the words after a command', () => {
  test('are its flags, the global ones and its arguments, in any order', async () => {
    expect(await parse('ls', '-lh', 'a', '--json', '-r', 'b')).toMatchObject({
      args: ['a', 'b'],
      flags: { long: true, human: true, reverse: true },
      shared: { json: true },
    })
    expect(await parse('get', 'x', '--output=y', '--on-exists', 'skip')).toMatchObject({
      args: ['x'],
      flags: { output: 'y' },
      shared: { onExists: 'skip' },
    })
  })

  test('are flags like others if they begin with --no-', async () => {
    expect(await parse('touch', '-c', 'a')).toMatchObject({ args: ['a'], flags: { noCreate: true } })
    expect(await parse('touch', '--no-create', 'a', '--no-color')).toMatchObject({
      flags: { noCreate: true },
      shared: { noColor: true },
    })
    expect((await parse('touch', 'a')).flags).toEqual({})
  })

  test("may be names that begin with a dash, after '--'", async () => {
    expect((await parse('rm', '--', '-f', '--json')).args).toEqual(['-f', '--json'])
    expect((await parse('put', '-')).args).toEqual(['-'])
  })

  test.each([
    ['ls', ['--jsn'], "no flag '--jsn'; did you mean '--json'?"],
    [
      'rm',
      ['-x'],
      "no flag '-x'; 'rm --help' lists them; a name that begins with a dash is written ./-x or after --",
    ],
    ['get', [], 'REMOTE is missing: get [flags] REMOTE… [LOCAL/|-]'],
    ['mv', ['a'], 'TO is missing: mv [flags] FROM… TO'],
    ['cd', ['a', 'b'], "'b' is one argument too many: cd [FOLDER]"],
    ['get', ['x', '-o'], 'a value is missing after -o'],
  ])('%s %j is refused', async (name, words, message) => {
    await expect(parse(name, ...words)).rejects.toThrow(message)
  })
})

test('a pattern stays one among arguments, and is a text as the value of a flag', async () => {
  const command = await findCommand('put')?.load()
  if (!command) throw new Error('no put')
  const glob = { text: '*', glob: '*' }
  const words = [{ text: '-o' }, { text: '*', glob: '\\*' }, glob, { text: '--' }, { text: '-*', glob: '-*' }]
  const { args, flags } = parseCommand('put', command, globalFlags, words)
  expect(flags).toMatchObject({ output: '*' })
  expect(args).toEqual([glob, { text: '-*' }])
})

test('every command loads, and its flags and the global ones do not collide', async () => {
  for (const row of COMMAND_ROWS) {
    const command = await row.load()
    const spellings = [...Object.values(command.flags), ...Object.values(globalFlags)].flatMap(
      ({ spelling }) => spelling.split(', '),
    )
    expect(new Set(spellings).size, row.name).toBe(spellings.length)
    expect(usageOf(row.name, command)).toContain(row.name)
    expect(parseCommand(row.name, command, globalFlags, [{ text: '--help' }]).wants).toBe('help')
  }
})

test('names and aliases are told apart', () => {
  const names = COMMAND_ROWS.flatMap(({ name, aliases }) => [name, ...aliases])
  expect(new Set(names).size).toBe(names.length)
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CompletionName, complete } from './completion.js'
import { lex } from './lexer.js'

const folders: Record<string, CompletionName[]> = {
  '': [
    { name: 'my dir', type: 'folder' },
    { name: 'mail.txt', type: 'file' },
    { name: '-dash', type: 'file' },
    { name: '.hidden', type: 'file' },
    { name: "it's", type: 'file' },
    { name: 'new\nline', type: 'file' },
    { name: 'rtl\u202egpj', type: 'file' },
  ],
  'my dir/': [{ name: 'a b', type: 'file' }],
}
const sources = {
  local: async (folder: string): Promise<CompletionName[]> =>
    folder === ''
      ? [
          { name: 'here.txt', type: 'file' },
          { name: 'home', type: 'folder' },
          { name: 'hop', type: 'link' },
        ]
      : [],
  remote: async (folder: string) => folders[folder] ?? [],
  names: async (kind: string) => ({ bookmark: ['nas', 'night'], alias: ['lll'] })[kind] ?? [],
  alias: (name: string) => (name === 'lll' ? 'pwd && ls -l' : undefined),
}
const candidates = async (line: string) => (await complete(line, sources))[0]

describe('the first word', () => {
  test('is a command or an alias', async () => {
    expect(await complete('l', sources)).toEqual([
      ['lcd ', 'lll ', 'lls ', 'lmkdir ', 'login ', 'lpwd ', 'ls '],
      'l',
    ])
    expect(await candidates('ls; qu')).toEqual(['quit '])
    expect(await candidates('ls && mk')).toEqual(['mkdir '])
  })
})

test('names that the user has given, and settings', async () => {
  expect(await candidates('open n')).toEqual(['nas ', 'night '])
  expect(await candidates('bookmark del na')).toEqual(['nas '])
  expect(await candidates('alias ll')).toEqual(['lll '])
  expect(await candidates('lll ma')).toEqual(['mail.txt '])
  expect(await candidates('set on')).toEqual(['on-exists '])
  expect(await candidates('ls --url ni')).toEqual(['night '])
})

describe('a later word', () => {
  test("is no flag that only says why it can't be used", async () => {
    expect(await candidates('get --seg')).toEqual(['--segments '])
    expect(await candidates('put --seg')).toEqual([])
  })

  test('is a flag where it begins with a dash', async () => {
    expect(await candidates('ls --hu')).toEqual(['--human '])
    expect(await candidates('put --js')).toEqual(['--json '])
  })

  test('is a name on the side that the command wants there', async () => {
    expect(await candidates('cd m')).toEqual(['my\\ dir/'])
    expect(await candidates('lcd h')).toEqual(['home/', 'hop/'])
    expect(await candidates('put h')).toEqual(['here.txt ', 'home/', 'hop '])
    expect(await candidates('put here.txt m')).toEqual(['my\\ dir/'])
    expect(await candidates('get mail.txt h')).toEqual(['home/', 'hop/'])
    expect(await candidates('help pi')).toEqual(['ping '])
    expect(await candidates('cd x m')).toEqual([])
    expect(await candidates('nonsense m')).toEqual([])
  })

  test("is a flag's value, on the side where that is", async () => {
    expect(await candidates('get -o h')).toEqual(['here.txt ', 'home/', 'hop '])
    expect(await candidates('get x --output-folder h')).toEqual(['home/', 'hop/'])
    expect(await candidates('put -o m')).toEqual(['mail.txt ', 'my\\ dir/'])
    expect(await candidates('put -pO m')).toEqual(['my\\ dir/'])
    expect(await candidates('put --digest ')).toEqual(['blake3 ', 'md5 ', 'none ', 'sha256 ', 'xxh128 '])
    expect(await candidates('put --on-exists re')).toEqual(['rename ', 'resume '])
    expect(await complete('put --progress=b', sources)).toEqual([['bar '], 'b'])
    expect(await candidates('put --timeout ')).toEqual([])
    expect(await candidates('put --digest md5 h')).toEqual(['here.txt ', 'home/', 'hop '])
  })

  test('is no flag after --, and nothing but a flag where one begins', async () => {
    expect(await candidates('ls --')).toContain('--long ')
    expect((await candidates('ls --')).every((each) => each.startsWith('--'))).toBe(true)
    expect(await candidates('ls -- --')).toEqual([])
    expect(await candidates('ls -- -d')).toEqual(['-dash '])
    expect(await candidates('ls -- m')).toEqual(['mail.txt ', 'my\\ dir/'])
  })

  test('keeps the quote it is in, and closes it after a file', async () => {
    expect(await complete('get "my dir/a', sources)).toEqual([['a b" '], 'a'])
    expect(await candidates("get 'my d")).toEqual(["'my dir/"])
    expect(await candidates('get i')).toEqual(["it\\'s "])
    expect(await candidates('get r')).toEqual(["r$'tl\\u202egpj' "])
  })

  test('of which several fit is completed by the whole characters that they share', async () => {
    const among = async (line: string, ...names: string[]) => {
      const remote = async () => names.map((name) => ({ name, type: 'file' as const }))
      return (await complete(line, { ...sources, remote }))[0]
    }
    expect(await among('get s', 'smile\u{1f600}', 'smile\u{1f601}')).toEqual(['smile'])
    expect(await among('get a', 'a\x9b1', 'a\x9c1')).toEqual(['a', "a$'\\x9b1' ", "a$'\\x9c1' "])
    expect(await among('get ', '\x9b1', '\x9c1')).toEqual([' ', "$'\\x9b1' ", "$'\\x9c1' "])
    expect(await among('get a', 'a\u202eb1', 'a\u202eb2')).toEqual(["a$'\\u202eb'"])
    expect(await among("get a$'\\u202eb'", 'a\u202eb1', 'a\u202eb2')).toEqual([
      "a$'\\u202eb'1 ",
      "a$'\\u202eb'2 ",
    ])
    expect(await among("get 'my", 'my a', 'my b')).toEqual(["'my a' ", "'my b' "])
  })

  test('never is a flag by accident, nor a dot file unasked', async () => {
    expect(await candidates('get ')).toContain('./-dash ')
    expect(await candidates('get ')).not.toContain('.hidden ')
    expect(await candidates('get .h')).toEqual(['.hidden '])
  })

  test('completed, says the whole name to the lexer, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
          .filter((name) => !/[/\0]|^[.-]/.test(name)),
        fc.nat(11),
        fc.constantFrom('', "'", '"'),
        async (name, typed, quote) => {
          const prefix = name.slice(0, Math.min(typed, name.length))
          if (/[^a-z0-9]/i.test(prefix)) return
          const [[hit = ''], replaced] = await complete(`get ${quote}${prefix}`, {
            local: async () => [],
            remote: async () => [{ name, type: 'file' }],
            names: async () => [],
            alias: () => undefined,
          })
          const line = `get ${quote}${prefix}`
          const completed = line.slice(0, line.length - replaced.length) + hit
          expect(lex(completed).tokens.at(-1)).toMatchObject({ text: name })
          expect(lex(completed).open).toBe('none')
        },
      ),
    )
  })
})

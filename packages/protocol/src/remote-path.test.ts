import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from './protocol-error.js'
import {
  joinRemotePath,
  MAX_NAME_SIZE,
  MAX_PATH_DEPTH,
  MAX_PATH_SIZE,
  normalizeRemotePath,
  remoteBasename,
  remoteDirname,
  splitRemotePath,
} from './remote-path.js'

describe('a path', () => {
  test.each([
    ['/', '/'],
    ['//', '/'],
    ['.', '/'],
    ['/.', '/'],
    ['a', '/a'],
    ['/a/', '/a'],
    ['//a///b//', '/a/b'],
    ['/a/./b/.', '/a/b'],
    ['/a/../b', '/b'],
    ['a/b/../../c', '/c'],
    ['/a/..', '/'],
    [' a ', '/ a '],
    ['-rf', '/-rf'],
    ['...', '/...'],
    ['..a', '/..a'],
    ['a..', '/a..'],
    ['a\nb\t"\'', '/a\nb\t"\''],
    ['a\\b', '/a\\b'],
    ['C:\\x', '/C:\\x'],
    ['é', '/é'],
    ['e\u0301', '/e\u0301'],
    ['%2e%2e', '/%2e%2e'],
    ['\u2024\u2024', '/\u2024\u2024'],
  ])('%j becomes %j', (path, normal) => {
    expect(normalizeRemotePath(path)).toBe(normal)
  })

  test.each([
    ['x', '/home/ci', '/home/ci/x'],
    ['../x', '/home/ci', '/home/x'],
    ['../..', '/home/ci', '/'],
    ['/x', '/home/ci', '/x'],
    ['.', '/home/ci', '/home/ci'],
  ])('%j in the folder %j becomes %j', (path, cwd, normal) => {
    expect(normalizeRemotePath(path, cwd)).toBe(normal)
  })
})

const hostile = [
  '..',
  '../',
  '/..',
  '/../',
  './..',
  '//..',
  '/./..',
  'a/../..',
  'a/b/../../..',
  '/../etc/passwd',
  'a/../../etc/passwd',
  `${'a/'.repeat(20)}${'../'.repeat(21)}`,
  '..\\',
  '..\\..\\windows',
  'a\\..\\b',
  '\\..',
  'a/..\\b',
  '/x\\..',
  '\0',
  'a\0',
  '/etc/passwd\0.png',
  '..\0',
  '',
  '\ud800',
  'a\udc00b',
  `/${'\udfff\ud800'}`,
]

describe('a hostile path', () => {
  test.each(hostile.map((path) => [path]))('%j is refused with bad-request', (path) => {
    expect(() => normalizeRemotePath(path)).toThrow(expect.objectContaining({ code: 'bad-request' }))
  })

  test("with '..' above the root is refused in a folder too", () => {
    expect(() => normalizeRemotePath('../..', '/a')).toThrow("'..' leads above the root")
  })

  test('is quoted in part only, as printable and valid Unicode', () => {
    const path = `x${'\ud83d\ude00\u001b[2J'.repeat(60)}\0`
    try {
      normalizeRemotePath(path)
      expect.unreachable()
    } catch (error) {
      const { message, path: about } = error as ProtocolError
      expect(message.length).toBeLessThan(600)
      expect(message).not.toContain('\u001b')
      expect(about?.isWellFormed()).toBe(true)
    }
  })
})

describe('limits', () => {
  test.each([
    ['a', MAX_NAME_SIZE],
    ['é', 127],
    ['€', 85],
    ['😀', 63],
  ])('a name of the character %s may have 255 bytes', (character, count) => {
    expect(normalizeRemotePath(character.repeat(count))).toBe(`/${character.repeat(count)}`)
    expect(() => normalizeRemotePath(`/x/${character.repeat(count + 1)}`)).toThrow(
      'a name has more than 255 bytes',
    )
  })

  test('a path may have 128 names', () => {
    const deepest = '/a'.repeat(MAX_PATH_DEPTH)
    expect(normalizeRemotePath(deepest)).toBe(deepest)
    expect(normalizeRemotePath('../b', deepest)).toBe(`${deepest.slice(0, -1)}b`)
    expect(() => normalizeRemotePath('b', deepest)).toThrow('a path has more than 128 names')
    expect(() => normalizeRemotePath('/a'.repeat(2000))).toThrow('a path has more than 128 names')
  })

  test('a path may have 4096 bytes, including the current folder', () => {
    const longest = `/${'a'.repeat(255)}`.repeat(16)
    expect(Buffer.byteLength(longest)).toBe(MAX_PATH_SIZE)
    expect(normalizeRemotePath(longest)).toBe(longest)
    expect(() => normalizeRemotePath('b', longest)).toThrow('a path has more than 4096 bytes')
    expect(() => normalizeRemotePath(`${longest}/b`)).toThrow('a path has more than 4096 bytes')
    expect(normalizeRemotePath(`${longest}/../b`)).toBe(`${longest.slice(0, -255)}b`)
  })
})

describe('normalizeRemotePath', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '',
      '.',
      '..',
      '...',
      '\\',
      '..\\',
      '\\..',
      '\0',
      'a',
      'ä',
      '\ud800',
      '😀',
      ' ',
      'x'.repeat(255),
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a'), maxLength: 8 }),
  )
  const anyPath = fc.array(part, { maxLength: 30 }).map((parts) => parts.join('/'))

  test('returns the one safe spelling or throws bad-request', () => {
    fc.assert(
      fc.property(anyPath, anyPath, (path, from) => {
        const cwd = tryNormalize(from) ?? '/'
        const normal = tryNormalize(path, cwd)
        if (normal === undefined) return
        expect(normal.startsWith('/')).toBe(true)
        const names = splitRemotePath(normal)
        for (const name of names) {
          expect(['', '.', '..']).not.toContain(name)
          expect(name.split('\\')).not.toContain('..')
          expect(name).not.toMatch(/[\0/]/)
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_NAME_SIZE)
        }
        expect(Buffer.byteLength(normal)).toBeLessThanOrEqual(MAX_PATH_SIZE)
        expect(Buffer.from(normal).toString()).toBe(normal)
        expect(normalizeRemotePath(normal)).toBe(normal)
        expect(normalizeRemotePath(normal, cwd)).toBe(normal)
        expect(names.reduce(joinRemotePath, '/')).toBe(normal)
      }),
      { numRuns: 3000 },
    )
  })

  test('returns a path that its parent and name make again', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const normal = tryNormalize(path)
        if (normal === undefined || normal === '/') return
        expect(joinRemotePath(remoteDirname(normal), remoteBasename(normal))).toBe(normal)
      }),
    )
    expect(remoteDirname('/')).toBe('/')
    expect(remoteBasename('/')).toBe('')
  })
})

function tryNormalize(path: string, cwd?: string): string | undefined {
  try {
    return normalizeRemotePath(path, cwd)
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'bad-request') return undefined
    throw error
  }
}

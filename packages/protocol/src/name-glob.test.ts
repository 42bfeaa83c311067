import { describe, expect, test } from 'vitest'
import { createNameGlob } from './name-glob.js'

describe('a name pattern', () => {
  test.each([
    ['*', ''],
    ['*', 'any.thing'],
    ['*.ts', '.ts'],
    ['*.ts', 'a.b.ts'],
    ['a*b*c', 'aXbbXc'],
    ['a?c', 'a€c'],
    ['?', '😀'],
    ['[a-c]x', 'bx'],
    ['[!a-c]x', 'dx'],
    ['[^a-c]x', 'dx'],
    ['[]]', ']'],
    ['[a-]', '-'],
    ['[', '['],
    ['[a', '[a'],
    ['\\*', '*'],
    ['a\\', 'a\\'],
    ['[a\\]]', ']'],
    ['[\\]]', ']'],
    ['[\\!a]', '!'],
    ['[a\\-c]', '-'],
    ['[\\a-c]', 'b'],
    ['[\\\\]', '\\'],
    ['{a,b}', '{a,b}'],
    ['', ''],
  ])('%j matches %j', (pattern, name) => {
    expect(createNameGlob(pattern)(name)).toBe(true)
  })

  test.each([
    ['*.ts', 'a.tsx'],
    ['a?c', 'ac'],
    ['[a-c]x', 'dx'],
    ['[!a-c]x', 'bx'],
    ['\\*', 'a'],
    ['[a\\-c]', 'b'],
    ['[a\\]]', '\\'],
    ['a', 'A'],
    ['', 'a'],
    ['a*b', 'a'],
  ])('%j does not match %j', (pattern, name) => {
    expect(createNameGlob(pattern)(name)).toBe(false)
  })

  test('with many stars is decided in a few steps', () => {
    expect(createNameGlob(`${'*a'.repeat(60)}*b`)('a'.repeat(255))).toBe(false)
  })
})

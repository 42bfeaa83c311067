import { describe, expect, test } from 'vitest'
import { type FilterRule, NameFilter } from './name-filter.js'

const rules = (...lines: string[]): FilterRule[] =>
  lines.map((line) => ({ type: line[0] === '+' ? 'include' : 'exclude', pattern: line.slice(2) }))
const select = (path: string, ...lines: string[]) =>
  new NameFilter(rules(...lines)).select(path.replace(/\/$/, ''), path.endsWith('/') ? 'directory' : 'file')

describe('a pattern', () => {
  test.each([
    ['*.tmp', 'a.tmp', 'x/y/a.tmp', '.tmp', 'a\nb.tmp', 'x/a.tmp/inside'],
    ['/*.tmp', 'a.tmp'],
    ['doc/*.txt', 'doc/a.txt'],
    ['/doc', 'doc', 'doc/', 'doc/deep/er'],
    ['cache/', 'cache/', 'x/cache/', 'x/cache/file'],
    ['**/doc/*.txt', 'doc/a.txt', 'x/y/doc/a.txt', 'new\nline/doc/a.txt'],
    ['doc/**', 'doc/a', 'doc/b/c', 'doc/.b/c'],
    ['?.c', 'a.c', 'ü.c', 'x/\n.c'],
    ['[ab].c', 'a.c', 'x/b.c'],
    ['[!ab].c', 'c.c'],
    ['a\\*b', 'a*b'],
    ['{a,b}', '{a,b}'],
    ['!x', '!x'],
    ['#x', '#x'],
    ['@(a|b)', '@(a|b)'],
    ['*', 'a', '.a', 'a/b', '-', '\u0001'],
    ['a b', 'a b'],
  ])('%s matches what it should', (pattern, ...paths) => {
    expect(paths.filter((path) => select(path, `- ${pattern}`) !== 'excluded')).toEqual([])
  })

  test.each([
    ['*.tmp', 'a.tmpx', 'a.TMP', 'a.tmp.gz'],
    ['/*.tmp', 'x/a.tmp'],
    ['doc/*.txt', 'x/doc/a.txt', 'doc/x/a.txt', 'doc'],
    ['/doc', 'x/doc', 'docs'],
    ['cache/', 'cache', 'x/cache'],
    ['doc/**', 'doc/', 'x/doc/a'],
    ['?.c', '.c', 'ab.c'],
    ['[ab].c', 'c.c', 'A.c'],
    ['[!ab].c', 'a.c'],
    ['a\\*b', 'axb'],
    ['{a,b}', 'a', 'b'],
    ['!x', 'y', 'x'],
    ['@(a|b)', 'a'],
    ['a?b', 'a/b'],
  ])('%s does not match what it should not', (pattern, ...paths) => {
    expect(paths.filter((path) => select(path, `- ${pattern}`) !== 'included')).toEqual([])
  })

  test.each(['', '/', '//', '//x'])('%j names nothing, which is an error', (pattern) => {
    expect(() => new NameFilter([{ type: 'exclude', pattern }])).toThrow('names nothing')
  })
})

describe('several rules', () => {
  test('the first one that matches decides', () => {
    const lines = ['+ keep.log', '- *.log']
    expect(select('keep.log', ...lines)).toBe('included')
    expect(select('x/keep.log', ...lines)).toBe('included')
    expect(select('other.log', ...lines)).toBe('excluded')
    expect(select('keep.log', ...lines.toReversed())).toBe('excluded')
    expect(select('a.txt', ...lines)).toBe('included')
  })

  test('a rule that matches a folder decides for everything in it', () => {
    expect(select('node_modules/a/b.ts', '- node_modules', '+ *.ts', '- *')).toBe('excluded')
    expect(select('src/a/b.c', '+ src', '- *')).toBe('included')
  })

  test('a folder is passed if an earlier rule may include something in it', () => {
    const lines = ['- node_modules', '+ *.ts', '- *']
    expect(select('src/', ...lines)).toBe('passed')
    expect(select('src/deep/', ...lines)).toBe('passed')
    expect(select('src/deep/a.ts', ...lines)).toBe('included')
    expect(select('src/deep/a.js', ...lines)).toBe('excluded')
    expect(select('node_modules/', ...lines)).toBe('excluded')
  })
})

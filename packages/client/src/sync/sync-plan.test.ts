import { describe, expect, test } from 'vitest'
import { planDeletions } from './deletions.js'
import { NameFilter } from './name-filter.js'
import { SortedEntries } from './sorted-entries.js'
import { planSync } from './sync-plan.js'
import type { TreeEntry } from './tree-entry.js'

const TYPES: Readonly<Record<string, TreeEntry['type']>> = {
  '/': 'directory',
  '@': 'link',
  '!': 'unreadable',
  '=': 'other',
}

/** A tree of names: `a/` is a folder, `a@` a link, `a!` an unreadable folder, `a=` a device, `a?` can't be named. */
function tree(names: string, filter: NameFilter): SortedEntries {
  const sorted = new SortedEntries()
  for (const name of names.split(' ').filter((each) => each !== '')) {
    const path = name.replace(/[/@!=?]$/, '')
    const type = TYPES[name.at(-1) as string] ?? 'file'
    sorted.add({
      path,
      type,
      size: 1,
      mtime: 1,
      selection: filter.select(path, type),
      isNameable: !name.endsWith('?'),
    })
  }
  return sorted
}

const MARKS = { 'make-folder': 'make', file: 'file', extra: 'extra', conflict: 'conflict', protected: 'keep' }

function plan(source: string, target: string, ...lines: string[]) {
  const filter = new NameFilter(
    lines.map((line) => ({ type: line[0] === '+' ? 'include' : 'exclude', pattern: line.slice(2) })),
  )
  const steps = [...planSync(tree(source, filter), tree(target, filter))]
  const told = steps.map((step) => {
    const last = 'order' in step && step.order === 'last' ? ' last' : ''
    const both = step.type === 'file' && step.target !== undefined ? ' both' : ''
    return `${step.type === 'left-out' ? 'left-out' : MARKS[step.type]} ${step.path}${both}${last}`
  })
  const deletions = Array.from(planDeletions(steps), ({ type, path }) => `${type} ${path}`)
  return { steps: told, deletions }
}

test('what is missing is sent, what is on both sides is compared, what is left over is extra', () => {
  expect(plan('a/ a/1 b c/', 'a/ a/1 a/2 d/ d/e/ d/e/3')).toEqual({
    steps: ['file a/1 both', 'extra a/2', 'file b', 'make c', 'extra d', 'extra d/e', 'extra d/e/3'],
    deletions: ['delete a/2', 'delete d/e/3', 'delete d/e', 'delete d'],
  })
})

test('two empty trees need nothing', () => {
  expect(plan('', '')).toEqual({ steps: [], deletions: [] })
})

describe('what is excluded', () => {
  test('is neither sent nor deleted, on whichever side it is', () => {
    expect(plan('a.o b src/ src/c.o', 'a.o d.o b e/ e/f.o e/g', '- *.o')).toEqual({
      steps: ['keep a.o', 'file b both', 'keep d.o', 'extra e', 'keep e/f.o', 'extra e/g', 'make src'],
      deletions: ['delete e/g', 'keep e'],
    })
  })

  test('protects everything below it and every folder above it', () => {
    expect(plan('', 'a/ a/b/ a/b/keep/ a/b/keep/x a/b/y', '- keep')).toMatchObject({
      deletions: ['delete a/b/y', 'keep a/b', 'keep a'],
    })
  })

  test('protects a name of another type on the other side', () => {
    expect(plan('cache/ cache/x', 'cache', '- cache/')).toMatchObject({ deletions: [] })
    expect(plan('cache', 'cache/ cache/x', '- cache/')).toMatchObject({ deletions: [] })
  })

  test('leaves folders that are made only for what is included in them', () => {
    const lines = ['+ *.ts', '- *']
    expect(plan('a/ a/b/ a/b/1.ts a/2.js c/ c/3.js', '', ...lines).steps).toEqual([
      'make a',
      'make a/b',
      'file a/b/1.ts',
    ])
    expect(plan('a/ a/1.ts', 'a/ a/1.js a/2.ts b/ b/3.ts', ...lines)).toEqual({
      steps: ['keep a/1.js', 'file a/1.ts', 'extra a/2.ts', 'keep b', 'extra b/3.ts'].sort((a, b) =>
        a.slice(a.indexOf(' ')) < b.slice(b.indexOf(' ')) ? -1 : 1,
      ),
      deletions: ['delete a/2.ts', 'delete b/3.ts'],
    })
  })
})

describe('a conflict of types', () => {
  test('a file is in the way of a folder', () => {
    expect(plan('a/ a/b/ a/b/1 a/2 c', 'a c')).toEqual({
      steps: [
        'conflict a',
        'make a last',
        'file a/2 last',
        'make a/b last',
        'file a/b/1 last',
        'file c both',
      ],
      deletions: ['delete a'],
    })
  })

  test('a folder is in the way of a file', () => {
    expect(plan('a', 'a/ a/b/ a/b/1 a/2')).toEqual({
      steps: ['conflict a', 'file a last', 'extra a/2', 'extra a/b', 'extra a/b/1'],
      deletions: ['delete a/2', 'delete a/b/1', 'delete a/b', 'delete a'],
    })
  })

  test('a folder with something excluded in it stays', () => {
    expect(plan('a', 'a/ a/1.o a/2', '- *.o')).toMatchObject({ deletions: ['delete a/2', 'keep a'] })
  })

  test('a link in the target is in the way, and is never walked into', () => {
    expect(plan('a b/ b/1', 'a@ b@')).toEqual({
      steps: ['conflict a', 'file a last', 'conflict b', 'make b last', 'file b/1 last'],
      deletions: ['delete a', 'delete b'],
    })
  })
})

describe('what can not be sent', () => {
  test('is left out, and what has its name in the target stays', () => {
    expect(plan('a@ b= c?', 'a b/ b/1 c')).toEqual({
      steps: ['left-out a', 'keep a', 'left-out b', 'keep b', 'left-out c', 'keep c'],
      deletions: [],
    })
  })

  test('a folder that could not be read protects what is in it on the other side', () => {
    expect(plan('a!', 'a/ a/1')).toEqual({ steps: ['keep a'], deletions: [] })
    expect(plan('a/ a/1', 'a!')).toEqual({ steps: ['keep a'], deletions: [] })
    expect(plan('', 'a/ a/b!')).toMatchObject({ deletions: ['keep a'] })
  })

  test('a name in the target that can not be asked for stays, and its folder too', () => {
    expect(plan('', 'a/ a/1? a/2')).toMatchObject({ deletions: ['delete a/2', 'keep a'] })
  })
})

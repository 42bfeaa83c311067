import { describe, expect, test } from 'vitest'
import { readTransferArguments } from './transfer-arguments.js'

const read = (args: string[], flags = {}, context = {}) =>
  readTransferArguments({ command: 'put', lastArgument: 'typed', ...context }, args, flags, (last) =>
    last.endsWith('/'),
  )

describe('what is source and what target', () => {
  test.each([
    [['a'], ['a'], { type: 'own-name' }],
    [['a', 'b'], ['a'], { type: 'path', path: 'b' }],
    [['a', 'b', 'c/'], ['a', 'b'], { type: 'folder', path: 'c/' }],
    [['a', 'b', 'c'], ['a', 'b', 'c'], { type: 'own-name' }],
  ])('%j', async (args, sources, target) => {
    expect(await read(args)).toEqual({ sources, target })
  })

  test('mput and what a glob gave are sources', async () => {
    expect((await read(['a', 'b'], {}, { command: 'mput' })).sources).toEqual(['a', 'b'])
    expect((await read(['a', 'b/'], {}, { command: 'mput' })).sources).toEqual(['a'])
    expect((await read(['a', 'b/'], {}, { lastArgument: 'expanded' })).sources).toEqual(['a', 'b/'])
  })

  test('-o and -O say it', async () => {
    expect(await read(['a'], { output: 'x' })).toEqual({
      sources: ['a'],
      target: { type: 'path', path: 'x' },
    })
    expect(await read(['a', 'b'], { outputFolder: 'x' })).toEqual({
      sources: ['a', 'b'],
      target: { type: 'folder', path: 'x' },
    })
    await expect(read(['a', 'b'], { output: 'x' })).rejects.toThrow('-o names one file and there are 2')
    await expect(read(['a'], { output: 'x', outputFolder: 'y' })).rejects.toThrow('use one of them')
  })
})
